#include "bridge/core/log/line.h"

#include <stdio.h>
#include <string.h>

#include "codecs/text/unicode.h"
#include "conf/table/directives.h"

#define NOT_UTF8 0xFFFD

/* syslog's: what sd-daemon(3) has the journal read between '<' and '>'. */
static const char priorities[] = {
	[LOG_ERROR] = '3', [LOG_WARNING] = '4', [LOG_INFO] = '6',
	[LOG_DEBUG] = '7', [LOG_TRACE] = '7',
};

struct text {
	char *at, *end;
};

static bool has_room(const struct text *text, size_t len)
{
	return (size_t)(text->end - text->at) >= len;
}

/* All of it or nothing. */
static bool put(struct text *text, const char *bytes, size_t len)
{
	if (!has_room(text, len))
		return false;
	memcpy(text->at, bytes, len);
	text->at += len;
	return true;
}

static void put_text(struct text *text, const char *string)
{
	size_t len = strlen(string), room = (size_t)(text->end - text->at);

	put(text, string, len < room ? len : room);
}

/* RFC 3339, in UTC, with milliseconds. */
static void put_stamp(struct text *text, const struct timespec *time)
{
	char stamp[LINE_STAMP_BYTES];
	struct tm utc;
	size_t len;

	gmtime_r(&time->tv_sec, &utc);
	len = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(stamp + len, sizeof(stamp) - len, ".%03dZ", (int)(time->tv_nsec / 1000000));
	put_text(text, stamp);
}

static void write_text(const struct line *line, struct text *text)
{
	char *message;

	if (!line->journal) {
		put_stamp(text, &line->time);
		put_text(text, " ");
		put_text(text, directives_levels[line->level]);
		put_text(text, " ");
	}
	message = text->at;
	put_text(text, line->message);
	for (char *at = message; at < text->at; at++)
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			*at = '?';
}

/* ---- JSON ---- */

static bool put_point(struct text *text, int32_t point)
{
	char escaped[16];
	int len;

	if (point == '"' || point == '\\')
		len = snprintf(escaped, sizeof(escaped), "\\%c", (char)point);
	else if (point >= ' ' && point < 0x7f)
		len = snprintf(escaped, sizeof(escaped), "%c", (char)point);
	else if (point < 0x10000)
		len = snprintf(escaped, sizeof(escaped), "\\u%04x",
			       (unsigned)(point < 0 ? NOT_UTF8 : point));
	else
		len = snprintf(escaped, sizeof(escaped), "\\u%04x\\u%04x",
			       (unsigned)(0xd800 + ((point - 0x10000) >> 10)),
			       (unsigned)(0xdc00 + ((point - 0x10000) & 0x3ff)));
	return put(text, escaped, (size_t)len);
}

/* Leaves room for what ends the line behind it. */
static void put_field(struct text *text, const char *key, struct slice value)
{
	struct text inside = { .end = text->end - sizeof("\"}") };
	size_t at = 0;

	if (!value.data)
		return;
	if (!has_room(text, strlen(key) + LINE_FIELD_MAX / 8))
		return;
	put_text(text, ",\"");
	put_text(text, key);
	put_text(text, "\":\"");
	inside.at = text->at;
	while (at < value.len && put_point(&inside, unicode_next(value, &at))) {
	}
	text->at = inside.at;
	put_text(text, "\"");
}

/* A field that clients choose must not take the room of those behind it. */
static void put_short(struct text *text, const char *key, struct slice value)
{
	struct text part = { text->at, text->at + strlen(key) + LINE_FIELD_MAX };

	if (part.end > text->end)
		part.end = text->end;
	put_field(&part, key, value);
	text->at = part.at;
}

/* The address stands in the same place of each line that has one: filters rely on it. */
static void write_json(const struct line *line, struct text *text)
{
	const struct log_fields *fields = &line->fields;

	put_text(text, "{\"time\":\"");
	put_stamp(text, &line->time);
	put_text(text, "\"");
	put_short(text, "level", slice_of(directives_levels[line->level]));
	put_short(text, "event", slice_of(fields->event));
	put_short(text, "address", slice_of(fields->address));
	put_short(text, "reason", slice_of(fields->reason));
	put_short(text, "dialect", slice_of(fields->dialect));
	put_short(text, "path", fields->path);
	put_short(text, "room", fields->room);
	put_short(text, "name", fields->name);
	put_short(text, "backend", slice_of(fields->backend));
	put_field(text, "message", slice_of(line->message));
	put_text(text, "}");
}

size_t line_write(const struct line *line, char out[LINE_BYTES_MAX])
{
	size_t most = line->format == LOG_JSON ? LINE_BYTES_MAX - 1 : LINE_TEXT_MAX;
	struct text text = { out, out + most };
	const char priority[] = { '<', priorities[line->level], '>' };

	if (line->journal)
		put(&text, priority, sizeof(priority));
	if (line->format == LOG_JSON)
		write_json(line, &text);
	else
		write_text(line, &text);
	*text.at++ = '\n';
	return (size_t)(text.at - out);
}
