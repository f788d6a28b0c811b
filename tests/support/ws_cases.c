#include "tests/support/ws_cases.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "codecs/text/memory.h"

#define LINE_MAX_BYTES 8192
#define LIMIT_USUAL    65536

struct form {
	unsigned first;
	bool unmasked, deflate, close;
	unsigned char key[4];
	int length_bytes; /* 0, 2 or 8; -1: the shortest */
	long long claims; /* -1: as long as it is */
};

static const char *current; /* the case that is read */

static void wrong(const char *what, const char *at)
{
	fail_msg("%s: %s: %.40s", current, what, at);
}

void ws_bytes_add(struct ws_bytes *bytes, const void *more, size_t len)
{
	if (bytes->len + len > bytes->size) {
		bytes->size = (bytes->len + len) * 2;
		bytes->data = memory_resize(bytes->data, bytes->size);
	}
	if (len)
		memcpy(bytes->data + bytes->len, more, len);
	bytes->len += len;
}

static void byte_add(struct ws_bytes *bytes, unsigned byte)
{
	unsigned char one = (unsigned char)byte;

	ws_bytes_add(bytes, &one, 1);
}

static void number_add(struct ws_bytes *bytes, uint64_t number, int len)
{
	for (int i = len - 1; i >= 0; i--)
		byte_add(bytes, (unsigned)(number >> (8 * i)) & 0xff);
}

/* ---- events ---- */

static void printed_add(struct ws_bytes *events, const char *format, ...)
{
	char text[80];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	ws_bytes_add(events, text, strlen(text));
}

static void payload_add(struct ws_bytes *events, struct slice payload)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < payload.len; i++) {
		unsigned char byte = (unsigned char)payload.data[i];

		hash = (hash ^ byte) * 1099511628211u;
		if (i < 32)
			printed_add(events, isprint(byte) && byte != '\\' ? "%c" : "\\x%02x", byte);
	}
	if (payload.len > 32)
		printed_add(events, "... %zu bytes, hash %016llx", payload.len,
			    (unsigned long long)hash);
}

void ws_event_add(struct ws_bytes *events, enum ws_step step, const struct ws_message *message)
{
	static const char *const words[] = { "more", "message", "ping", "close", "fault" };

	if (step == WS_MESSAGE)
		printed_add(events, "%s(", message->binary ? "binary" : "text");
	else
		printed_add(events, "%s(", words[step]);
	if (step == WS_CLOSE || step == WS_FAULT)
		printed_add(events, "%u ", message->code);
	if (step != WS_FAULT)
		payload_add(events, message->payload);
	printed_add(events, ")\n");
}

/* ---- frames ---- */

static void head_add(struct ws_bytes *bytes, const struct form *form, size_t len)
{
	uint64_t claims = form->claims >= 0 ? (uint64_t)form->claims : len;
	int form_bytes = form->length_bytes;
	unsigned masked = form->unmasked ? 0 : 0x80;

	if (form_bytes < 0)
		form_bytes = claims < 126 ? 0 : claims <= UINT16_MAX ? 2 : 8;
	byte_add(bytes, form->first | (form->deflate ? 0x40u : 0u));
	byte_add(bytes, masked | (form_bytes == 8 ? 127u : form_bytes == 2 ? 126u : claims & 0x7f));
	number_add(bytes, claims, form_bytes);
	if (masked)
		ws_bytes_add(bytes, form->key, 4);
}

static void frame_add(struct ws_bytes *bytes, const struct form *form, const struct ws_bytes *plain)
{
	struct ws_bytes packed = { .data = NULL };
	const struct ws_bytes *payload = form->deflate ? &packed : plain;

	if (form->deflate)
		ws_deflated_add(&packed, plain->data, plain->len);
	head_add(bytes, form, payload->len);
	for (size_t i = 0; i < payload->len; i++)
		byte_add(bytes, payload->data[i] ^ (form->unmasked ? 0u : form->key[i & 3]));
	free(packed.data);
}

static const struct form usual = { .key = { 0x37, 0xfa, 0x21, 0x3d },
				   .length_bytes = -1,
				   .claims = -1 };

void ws_frame_add(struct ws_bytes *bytes, unsigned first, const void *payload, size_t len)
{
	struct form form = usual;
	struct ws_bytes plain = { .data = NULL };

	form.first = first;
	ws_bytes_add(&plain, payload, len);
	frame_add(bytes, &form, &plain);
	free(plain.data);
}

void ws_deflated_add(struct ws_bytes *bytes, const void *payload, size_t len)
{
	z_stream zlib = { .zalloc = NULL };
	size_t room = len + len / 1000 + 64;
	unsigned char *out = memory_new(room);

	assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	zlib.next_in = (unsigned char *)(uintptr_t)payload;
	zlib.avail_in = (unsigned)len;
	zlib.next_out = out;
	zlib.avail_out = (unsigned)room;
	assert_int_equal(deflate(&zlib, Z_SYNC_FLUSH), Z_OK);
	room -= zlib.avail_out;
	assert_true(room >= 4 && memcmp(out + room - 4, "\x00\x00\xff\xff", 4) == 0);
	ws_bytes_add(bytes, out, room - 4);
	deflateEnd(&zlib);
	free(out);
}

/* ---- the notation ---- */

static unsigned hex_of(const char *at)
{
	char digits[3] = { at[0], at[0] ? at[1] : '\0', '\0' };
	char *end;
	unsigned long byte = strtoul(digits, &end, 16);

	if (end != digits + 2)
		wrong("two hexadecimal digits are expected", at);
	return (unsigned)byte;
}

/* One byte, or a repetition in braces. Returns what is behind it. */
static const char *piece_read(const char *at, struct ws_bytes *out)
{
	struct ws_bytes again = { .data = NULL };
	char *end;

	if (*at == '\\' && at[1] == 'x') {
		byte_add(out, hex_of(at + 2));
		return at + 4;
	}
	if (*at != '{') {
		at += *at == '\\';
		byte_add(out, (unsigned char)*at);
		return at + 1;
	}
	for (at++; *at && *at != '*';)
		at = piece_read(at, &again);
	for (unsigned long count = strtoul(*at ? at + 1 : at, &end, 10); count; count--)
		ws_bytes_add(out, again.data, again.len);
	free(again.data);
	if (*end != '}')
		wrong("a repetition ends with *NUMBER}", at);
	return end + 1;
}

/* From behind the opening parenthesis; returns what is behind the closing one. */
static const char *payload_read(const char *at, struct ws_bytes *out, bool numbered,
				unsigned *number)
{
	char *end;

	*number = 0;
	if (numbered && isdigit((unsigned char)*at)) {
		*number = (unsigned)strtoul(at, &end, 10);
		at = end + (*end == ' ');
	}
	while (*at && *at != ')')
		at = piece_read(at, out);
	if (!*at)
		wrong("no closing parenthesis", "");
	return at + 1;
}

static bool opcode_read(const char *word, size_t len, struct form *form)
{
	static const struct {
		const char *word;
		unsigned opcode;
	} names[] = { { "cont", 0 },  { "text", 1 }, { "binary", 2 },
		      { "close", 8 }, { "ping", 9 }, { "pong", 10 } };

	if (len == 3 && strncmp(word, "op", 2) == 0) {
		form->first |= (unsigned)strtoul((char[]){ word[2], '\0' }, NULL, 16);
		return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (len != strlen(names[i].word) || strncmp(word, names[i].word, len) != 0)
			continue;
		form->first |= names[i].opcode;
		form->close = names[i].opcode == 8;
		return true;
	}
	return false;
}

static void modifier_read(const char *word, size_t len, struct form *form)
{
	static const char *const bits[] = { "rsv3", "rsv2", "rsv1" };
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, bits[i]) == 0) {
			form->first |= 0x10u << i;
			return;
		}
	if (strcmp(text, "more") == 0)
		form->first &= 0x7f;
	else if (strcmp(text, "unmasked") == 0)
		form->unmasked = true;
	else if (strcmp(text, "deflate") == 0)
		form->deflate = true;
	else if (strcmp(text, "len16") == 0)
		form->length_bytes = 2;
	else if (strcmp(text, "len64") == 0)
		form->length_bytes = 8;
	else if (strncmp(text, "claims=", 7) == 0)
		form->claims = strtoll(text + 7, NULL, 10);
	else if (strncmp(text, "key=", 4) == 0)
		for (unsigned i = 0; i < 4; i++)
			form->key[i] = (unsigned char)hex_of(text + 4 + 2 * i);
	else
		wrong("no such modifier", text);
}

static const char *frame_read(const char *at, struct ws_bytes *input)
{
	struct form form = usual;
	struct ws_bytes payload = { .data = NULL };
	size_t len = strcspn(at, "+(");
	unsigned code;

	form.first = 0x80;
	if (!opcode_read(at, len, &form))
		wrong("no such frame", at);
	for (at += len; *at == '+'; at += len) {
		len = strcspn(++at, "+(");
		modifier_read(at, len, &form);
	}
	if (*at != '(')
		wrong("no payload", at);
	at = payload_read(at + 1, &payload, form.close, &code);
	if (code) {
		struct ws_bytes reason = payload;

		payload = (struct ws_bytes){ .data = NULL };
		number_add(&payload, code, 2);
		ws_bytes_add(&payload, reason.data, reason.len);
		free(reason.data);
	}
	frame_add(input, &form, &payload);
	free(payload.data);
	return at;
}

static const char *bytes_read(const char *at, struct ws_bytes *input)
{
	for (at++; *at && *at != '>'; at += *at == ' ') {
		byte_add(input, hex_of(at));
		at += 2;
	}
	return at + (*at == '>');
}

static const char *event_read(const char *at, struct ws_bytes *events)
{
	static const char *const words[] = { "text(", "binary(", "ping(", "close(", "fault(" };
	static const enum ws_step steps[] = { WS_MESSAGE, WS_MESSAGE, WS_PING, WS_CLOSE, WS_FAULT };
	struct ws_bytes payload = { .data = NULL };
	size_t i = 0;
	unsigned code;
	struct ws_message message;

	while (i < 5 && strncmp(at, words[i], strlen(words[i])) != 0)
		i++;
	if (i == 5)
		wrong("no such event", at);
	at = payload_read(at + strlen(words[i]), &payload, i > 2, &code);
	message.payload = slice_span((char *)payload.data, payload.len);
	message.binary = i == 1;
	message.code = (uint16_t)(steps[i] == WS_CLOSE && !code ? 1005 : code);
	ws_event_add(events, steps[i], &message);
	free(payload.data);
	return at;
}

/* ---- the table ---- */

static void options_read(const char *text, struct ws_case *one)
{
	const char *limit = strstr(text, "limit=");

	one->limit = limit ? strtoul(limit + 6, NULL, 10) : LIMIT_USUAL;
	one->deflate = strstr(text, "deflate") != NULL;
}

static void case_read(char *line, struct ws_case *one)
{
	char *fields[4], *rest = line;

	for (size_t i = 0; i < 4; i++)
		fields[i] = strsep(&rest, "\t");
	current = line;
	if (!fields[3] || rest)
		wrong("not four fields", line);
	*one = (struct ws_case){ .name = memory_text(line, strlen(line)) };
	options_read(fields[1], one);
	for (const char *at = fields[2]; *at; at += *at == ' ')
		at = *at == '<' ? bytes_read(at, &one->input) : frame_read(at, &one->input);
	for (const char *at = fields[3]; *at && strcmp(at, "-") != 0; at += *at == ' ')
		at = event_read(at, &one->events);
}

void ws_cases_read(struct ws_cases *cases, const char *path)
{
	static char line[LINE_MAX_BYTES];
	FILE *file = fopen(path, "r");

	*cases = (struct ws_cases){ .cases = NULL };
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		size_t len = strcspn(line, "\n");

		current = line;
		if (line[len] != '\n')
			wrong("a line without an end", line);
		line[len] = '\0';
		if (!len || *line == '#')
			continue;
		cases->cases =
		    memory_resize(cases->cases, (cases->count + 1) * sizeof(*cases->cases));
		case_read(line, &cases->cases[cases->count++]);
	}
	fclose(file);
}

void ws_cases_free(struct ws_cases *cases)
{
	for (size_t i = 0; i < cases->count; i++) {
		free(cases->cases[i].name);
		free(cases->cases[i].input.data);
		free(cases->cases[i].events.data);
	}
	free(cases->cases);
}
