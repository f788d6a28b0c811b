#include "bridge/admin/exposition.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define VALUE_MAX 32

static void put(struct exposition *exposition, const char *text)
{
	http_output_add(&exposition->out, slice_of(text));
}

/* quote: a '"' is escaped, too. */
static void put_escaped(struct exposition *exposition, struct slice text, bool quote)
{
	char *at = http_output_room(&exposition->out, 2 * text.len);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '\\' || c == '\n' || (quote && c == '"'))
			at[len++] = '\\';
		at[len++] = c;
		if (c == '\n')
			at[len - 1] = 'n';
	}
	exposition->out.len += len;
}

static void put_help(struct exposition *exposition, const char *help, const char *more)
{
	if (help)
		put_escaped(exposition, slice_of(help), false);
	if (help && more)
		put(exposition, ": ");
	if (more)
		put_escaped(exposition, slice_of(more), false);
}

void exposition_begin(struct exposition *exposition, enum exposition_type type, const char *prefix,
		      const char *name, const char *help, const char *more)
{
	bool counter = type == EXPOSITION_COUNTER;

	snprintf(exposition->family, sizeof(exposition->family), "%s%s%s", prefix, name,
		 counter ? "_total" : "");
	put(exposition, "# HELP ");
	put(exposition, exposition->family);
	put(exposition, " ");
	put_help(exposition, help, more);
	put(exposition, "\n# TYPE ");
	put(exposition, exposition->family);
	put(exposition, counter ? " counter\n" : " gauge\n");
}

static void put_sample(struct exposition *exposition, const struct exposition_label *labels,
		       size_t count, const char *format, ...) __attribute__((format(printf, 4, 5)));

static void put_sample(struct exposition *exposition, const struct exposition_label *labels,
		       size_t count, const char *format, ...)
{
	char value[VALUE_MAX];
	va_list arguments;

	put(exposition, exposition->family);
	for (size_t i = 0; i < count; i++) {
		put(exposition, i == 0 ? "{" : ",");
		put(exposition, labels[i].name);
		put(exposition, "=\"");
		put_escaped(exposition, labels[i].value, true);
		put(exposition, "\"");
	}
	put(exposition, count > 0 ? "} " : " ");
	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	put(exposition, value);
	put(exposition, "\n");
}

void exposition_unsigned(struct exposition *exposition, const struct exposition_label *labels,
			 size_t count, uint64_t value)
{
	put_sample(exposition, labels, count, "%" PRIu64, value);
}

void exposition_integer(struct exposition *exposition, const struct exposition_label *labels,
			size_t count, int64_t value)
{
	put_sample(exposition, labels, count, "%" PRId64, value);
}

void exposition_seconds(struct exposition *exposition, const struct exposition_label *labels,
			size_t count, uint64_t ms)
{
	put_sample(exposition, labels, count, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));
}
