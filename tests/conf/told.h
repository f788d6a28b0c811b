/* told.h - reads a configuration and keeps what was told about it, for the tests of conf. */
#ifndef TESTS_CONF_TOLD_H
#define TESTS_CONF_TOLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

#define TOLD_BYTES 16384

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

static const char *const told_dialects[] = { "mixer", "concord", "rooms", "simple", NULL };
static const char *const told_roles[] = { "user", "pro", "editor", "mod", "owner", NULL };
static const struct conf_known told_known = { told_dialects, told_roles };

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
	conf_print_sample(stream);
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

#endif
