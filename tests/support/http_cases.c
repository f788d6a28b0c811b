#include "tests/support/http_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/memory.h"

struct bytes {
	char *data;
	size_t len;
};

static void add(struct bytes *to, const char *data, size_t len)
{
	to->data = memory_resize(to->data, to->len + len + 1);
	memcpy(to->data + to->len, data, len);
	to->len += len;
	to->data[to->len] = '\0';
}

/* One byte, escaped or not; returns what follows it. */
static const char *read_byte(const char *text, char *byte)
{
	unsigned value;

	if (*text != '\\') {
		*byte = *text;
		return text + 1;
	}
	switch (text[1]) {
	case 'r': *byte = '\r'; return text + 2;
	case 'n': *byte = '\n'; return text + 2;
	case 't': *byte = '\t'; return text + 2;
	case '0': *byte = '\0'; return text + 2;
	case '\\': *byte = '\\'; return text + 2;
	default:
		assert_int_equal(sscanf(text, "\\x%2x", &value), 1);
		*byte = (char)value;
		return text + 4;
	}
}

static void unescape(struct bytes *to, const char *text)
{
	struct bytes group = { NULL, 0 };
	char byte, *end;

	while (*text) {
		if (*text != '{') {
			text = read_byte(text, &byte);
			add(to, &byte, 1);
			continue;
		}
		for (text++; *text != '*'; add(&group, &byte, 1))
			text = read_byte(text, &byte);
		for (unsigned long times = strtoul(text + 1, &end, 10); times > 0; times--)
			add(to, group.data, group.len);
		assert_true(*end == '}');
		text = end + 1;
		free(group.data);
		group = (struct bytes){ NULL, 0 };
	}
}

char *http_cases_escape(const char *bytes, size_t len)
{
	struct bytes text = { NULL, 0 };
	char one[8];

	add(&text, "", 0);
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '\r' || byte == '\n')
			add(&text, byte == '\r' ? "\\r" : "\\n", 2);
		else if (byte == '\\' || byte == '{' || byte < ' ' || byte >= 0x7f)
			add(&text, one,
			    (size_t)snprintf(one, sizeof(one), byte == '\\' ? "\\\\" : "\\x%02x",
					     byte));
		else
			add(&text, (char *)&byte, 1);
	}
	return text.data;
}

/* A step of the table in the one way there is to write it. */
static void add_step(struct http_case *one, const char *line)
{
	struct bytes plain = { NULL, 0 }, steps = { one->steps, strlen(one->steps) };
	char *escaped;

	unescape(&plain, line);
	escaped = http_cases_escape(plain.data, plain.len);
	add(&steps, escaped, strlen(escaped));
	add(&steps, "\n", 1);
	one->steps = steps.data;
	free(escaped);
	free(plain.data);
}

static void add_line(struct http_cases *table, char *line)
{
	struct http_case *last = table->cases ? &table->cases[table->count - 1] : NULL;
	struct bytes bytes;

	if (strncmp(line, "case ", 5) == 0) {
		table->cases =
		    memory_resize(table->cases, (table->count + 1) * sizeof(*table->cases));
		last = &table->cases[table->count++];
		*last = (struct http_case){ .name = memory_text(line + 5, strlen(line + 5)),
					    .steps = memory_text("", 0) };
		return;
	}
	if (line[0] == '\0' || line[0] == '#')
		return;
	assert_non_null(last);
	assert_true((line[0] == '>' || line[0] == '<') && line[1] == ' ');
	if (line[0] == '<') {
		add_step(last, line + 2);
		return;
	}
	bytes = (struct bytes){ (char *)last->bytes, last->len };
	unescape(&bytes, line + 2);
	last->bytes = (unsigned char *)bytes.data;
	last->len = bytes.len;
}

struct http_cases http_cases_open(const char *path)
{
	struct http_cases table = { NULL, 0 };
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	assert_non_null(file);
	while ((len = getline(&line, &size, file)) > 0) {
		line[len - 1] = '\0';
		add_line(&table, line);
	}
	free(line);
	fclose(file);
	return table;
}

void http_cases_close(struct http_cases *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->cases[i].name);
		free(table->cases[i].bytes);
		free(table->cases[i].steps);
	}
	free(table->cases);
}
