#include "conf/made.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "conf/table/owned.h"

static void put_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	fputc('"', out);
}

static void put_room(FILE *out, const struct conf_made *made)
{
	fputs("{ name = ", out);
	put_text(out, made->name);
	fprintf(out, "; open = %s; history = %" PRId64 ";", made->open ? "true" : "false",
		made->history);
	if (made->remembered)
		fprintf(out, " remembered = %" PRId64 ";", made->remembered);
	fputs(" }", out);
}

/* A configuration needs a mount somewhere, and that a room. */
static char *text_of(const struct conf_made *made, size_t count, const struct conf_known *known)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	fputs("rooms = ( ", out);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", out);
		put_room(out, &made[i]);
	}
	fprintf(out, " ); listeners = ( { mounts = ( { path = \"/\"; dialect = \"%s\"; room = ",
		known->dialects[0].name);
	put_text(out, made[0].name);
	fputs("; } ); } );", out);
	fclose(out);
	return text;
}

struct conf *conf_make_rooms(const struct conf_made *made, size_t count,
			     const struct conf_known *known, struct conf_report *report)
{
	char *text = text_of(made, count, known);
	struct conf *conf = conf_parse(text, known, report);

	free(text);
	for (size_t i = 0; conf && i < conf->room_count; i++) {
		conf->rooms[i].made = true;
		conf->rooms[i].owner = made[i].owner;
		conf->rooms[i].made_admins = made[i].admins;
		conf->rooms[i].made_members = made[i].members;
	}
	return conf;
}

void conf_take_rooms(struct conf *conf, struct conf *other)
{
	size_t count = conf->room_count + other->room_count;

	conf->rooms = owned_resize(conf->rooms, count, sizeof(*conf->rooms));
	memcpy(conf->rooms + conf->room_count, other->rooms,
	       other->room_count * sizeof(*conf->rooms));
	conf->room_count = count;
	other->room_count = 0;
	conf_free(other);
}
