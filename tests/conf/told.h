/* told.h - reads a configuration and keeps what was told about it, for the tests of conf. Comes
 * after <cmocka.h>. */
#ifndef TESTS_CONF_TOLD_H
#define TESTS_CONF_TOLD_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/load.h"
#include "conf/table/directives.h"
#include "conf/table/sample.h"

#define TOLD_BYTES 16384
#define TOLD_KEY   "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID" /* of the library's manual pages */

/* All errors of a run, one line each: "file:line: message"; no file: "line: message". */
struct told {
	struct conf_report report;
	char text[TOLD_BYTES];
	size_t len;
};

static inline void told_error(struct conf_report *report, const char *file, unsigned line,
			      const char *message)
{
	struct told *told = (struct told *)report;
	int written = snprintf(told->text + told->len, TOLD_BYTES - told->len, "%s%s%u: %s\n",
			       file ? file : "", file ? ":" : "", line, message);

	if (written > 0 && told->len + (size_t)written < TOLD_BYTES)
		told->len += (size_t)written;
}

static const char *const told_mounts[][3] = {
	{ "/mixer" }, { "/concord", "/client" }, { "/rooms" }, { "/simple" }
};

enum { TOLD_MIXER, TOLD_CONCORD, TOLD_ROOMS, TOLD_SIMPLE };

/* As the program's: the sample is compared with the file in the tree. */
static const struct conf_dialect told_dialects[] = {
	{ "mixer", told_mounts[0], CONF_NAMING_NUMBER, "mixer",
	  "Its number (channel id) for mixer clients. 0: made from the name.", "1", INT32_MAX, true,
	  true, false },
	{ "concord", told_mounts[1], CONF_NAMING_NUMBER, "concord",
	  "Its number (channelId) for concord clients. 0: made from the name. Numbers above "
	  "2147483647 need the suffix L: 8501928463962112L.",
	  "1", INT64_MAX, false, true, false },
	{ "rooms", told_mounts[2], CONF_NAMING_UUID, "rooms",
	  "Its UUID for rooms clients. \"\": made from the name.",
	  "\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"", 0, false, true, true },
	{ "simple", told_mounts[3], CONF_NAMING_NONE, NULL, NULL, NULL, 0, false, true, false },
};
static const char *const told_roles[] = { "user", "pro", "editor", "mod", "owner", NULL };
static const char *const told_kinds[] = { "message", "edit", "enter", NULL };

/* Mixer alone has a door, at /api alone. */
static inline bool told_doors_clash(size_t one, size_t other, char text[CONF_DOOR_TEXT_MAX])
{
	snprintf(text, CONF_DOOR_TEXT_MAX, "/api");
	return one == TOLD_MIXER && other == TOLD_MIXER;
}

static inline bool told_door_has(size_t dialect, const char *path, char text[CONF_DOOR_TEXT_MAX])
{
	snprintf(text, CONF_DOOR_TEXT_MAX, "/api");
	return dialect == TOLD_MIXER && strcmp(path, "/api") == 0;
}

/* A server of mixer has no room that begins with a '#', one of rooms none without a name. */
static inline bool told_room_allowed(size_t dialect, const char *room, const char **why)
{
	if (dialect == TOLD_ROOMS) {
		*why = "each has a name";
		return room[0] != '\0';
	}
	*why = "it begins with a '#'";
	return dialect != TOLD_MIXER || room[0] != '#';
}

/* No text with a parenthesis is a pattern. */
static inline bool told_pattern_right(const char *text, char why[CONF_WHY_MAX])
{
	snprintf(why, CONF_WHY_MAX, "a parenthesis");
	return !strpbrk(text, "()");
}

static const struct conf_known told_known = { .dialects = told_dialects,
					      .dialect_count = 4,
					      .roles = told_roles,
					      .kinds = told_kinds,
					      .doors_clash = told_doors_clash,
					      .door_has = told_door_has,
					      .room_allowed = told_room_allowed,
					      .pattern_right = told_pattern_right };

/* The table of directives with these. */
static inline const struct section *told_top(void)
{
	static struct directives table;

	return directives_make(&table, &told_known);
}

/* Returns new, or NULL when there were errors. */
static inline struct conf *told_parse(struct told *told, const char *text)
{
	*told = (struct told){ .report = { .error = told_error } };
	return conf_parse(text, &told_known, &told->report);
}

static inline struct conf *told_load(struct told *told, const char *path)
{
	*told = (struct told){ .report = { .error = told_error } };
	return conf_load(path, &told_known, &told->report);
}

/* The sample as text. Returns new; free() it. */
static inline char *told_sample(void)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	conf_print_sample(&told_known, stream);
	fclose(stream);
	return text;
}

/* A whole file as text. Returns new, or NULL when it cannot be read. */
static inline char *told_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL, part[4096];
	size_t size, got;
	FILE *stream;

	if (!file)
		return NULL;
	stream = open_memstream(&text, &size);
	while (stream && (got = fread(part, 1, sizeof(part), file)) > 0)
		fwrite(part, 1, got, stream);
	if (stream)
		fclose(stream);
	fclose(file);
	return text;
}

/* A folder for the files of a test program, with one good secret file, one good key, and two that
 * look like a certificate and its key. */
static char folder[] = P_tmpdir "/dragoman-test-XXXXXX";

static inline const char *in_folder(const char *name)
{
	static char path[sizeof(folder) + 256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(in_folder(name), "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(in_folder(name), mode), 0);
}

/* $ in text stands for the folder. */
static inline char *with_folder(const char *text)
{
	char *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&out, &size);

	assert_non_null(stream);
	for (; *text; text++)
		*text == '$' ? fputs(folder, stream) : fputc(*text, stream);
	fclose(stream);
	return out;
}

static inline struct conf *accepted(const char *text)
{
	char *whole = with_folder(text);
	struct told told;
	struct conf *conf = told_parse(&told, whole);

	if (!conf)
		fail_msg("refused: %s\n%s", whole, told.text);
	assert_int_equal(told.report.errors, 0);
	free(whole);
	return conf;
}

/* Refused with exactly these lines. */
static inline void refused(const char *text, const char *expected)
{
	char *whole = with_folder(text), *lines = with_folder(expected);
	struct told told;

	assert_null(told_parse(&told, whole));
	assert_string_equal(told.text, lines);
	assert_true(told.report.errors > 0);
	free(whole);
	free(lines);
}

static inline int folder_make(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	write_file("good", "secret\n", 0600);
	write_file("key", TOLD_KEY "\n", 0600);
	write_file("good.pem", "-----BEGIN CERTIFICATE-----\n", 0644);
	write_file("good.key", "-----BEGIN EC PRIVATE KEY-----\n", 0600);
	return 0;
}

static inline int folder_remove(void **state)
{
	DIR *list = opendir(folder);
	struct dirent *item;

	(void)state;
	while (list && (item = readdir(list)))
		unlink(in_folder(item->d_name));
	if (list)
		closedir(list);
	return rmdir(folder);
}

#endif
