#include "bridge/command/translate/cast.h"

#include <string.h>

#include "bridge/command/translate/reading.h"
#include "bridge/command/translate/telling.h"
#include "codecs/registry.h"

/* ---- who ---- */

static struct stage_client *find(const struct stage *stage, const char *name)
{
	struct stage_client *client = stage->clients, *found = NULL;

	for (; client; client = client->next)
		if (client->session && name_same(slice_of(client->name), slice_of(name)))
			found = client;
	return found;
}

bool cast_is_free(const struct cast *cast, struct slice name)
{
	char text[NAME_BYTES_MAX + 1];

	snprintf(text, sizeof(text), "%.*s", (int)name.len, name.data ? name.data : "");
	return !find(cast->report->stage, text);
}

static bool is_seated(const struct report *report, const struct stage_client *client)
{
	bool seated = client == report->middle;

	for (size_t i = 0; i < report->to_count; i++)
		seated |= client == report->to[i];
	return seated;
}

static bool logs_in(struct stage_client *client, const struct input *input)
{
	struct reading reading;

	if (input->kind != INPUT_FRAME)
		return false;
	reading_of(client, input->frame, &reading);
	reading_clear(&reading);
	return reading.login;
}

static struct stage_client *come_in(struct cast *cast, size_t dialect, const char *name,
				    const struct input *input, const char **why)
{
	struct report *report = cast->report;
	struct stage_client *client = stage_join(report->stage, dialect, name);
	bool by_itself;

	*why = "refused: whoever says it is not let in";
	if (!client->session)
		return NULL;
	by_itself = !client->session->peer.logged_in && logs_in(client, input);
	if (!by_itself && !stage_log_in(client))
		return NULL;
	if (!by_itself && !cast->shows_entries) {
		stage_drop_all(report->stage);
		report_begin(report, report->line);
	}
	return client;
}

/* What others are told of it is dropped, too. */
static void give_role(struct cast *cast, struct stage_client *client, uint32_t role)
{
	const struct session *session = client->session;

	if (!role || !session || !session->membership_count || session->memberships[0].roles & role)
		return;
	stage_give_role(client, role);
	if (!cast->shows_entries)
		stage_drop_all(cast->report->stage);
	report_begin(cast->report, cast->report->line);
}

struct stage_client *cast_find(struct cast *cast, size_t dialect, const struct input *input,
			       const char **why)
{
	const char *usual = registry_codec(dialect)->trial.name;
	char name[NAME_BYTES_MAX + 1];
	struct stage_client *client;

	snprintf(name, sizeof(name), "%.*s", (int)input->name.len, input->name.data);
	if (!input->name.data)
		snprintf(name, sizeof(name), "%s", usual ? usual : "ann");
	client = find(cast->report->stage, name);
	*why = "refused: that is the name of who listens";
	if (client && is_seated(cast->report, client))
		return NULL;
	*why = "refused: nobody of that name is there";
	if (!client && input->kind == INPUT_LEAVES)
		return NULL;
	if (!client)
		client = come_in(cast, dialect, name, input, why);
	if (client)
		give_role(cast, client, input->role);
	return client;
}

/* ---- what ---- */

void cast_say(struct cast *cast, struct stage_client *client, struct slice frame)
{
	struct reading reading;

	if (cast->report->explain && client->session) {
		reading_of(client, frame, &reading);
		telling_reading(cast->report, client, &reading);
		reading_clear(&reading);
	}
	stage_say(client, frame);
}
