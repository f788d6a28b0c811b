#include "tests/support/toy_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct row row_of(uint64_t id, struct slice words)
{
	if (slice_is(words, "-"))
		return (struct row){ .kind = ROW_DELETE, .id = id };
	if (slice_is(words, "*"))
		return (struct row){ .kind = ROW_DELETE_ALL, .id = id };
	return (struct row){
		.kind = ROW_MESSAGE, .id = id, .author = 3, .name = SLICE("Ann"), .body = words
	};
}

bool toy_rows(const void *bytes, size_t len, size_t *used, void *context, emit_function *emit)
{
	const char *text = bytes, *end = memchr(text, '\n', len), *id, *words;
	struct row row;
	char room[64];

	if (!end || *text == '?')
		return false;
	*used = (size_t)(end - text) + 1;
	id = memchr(text, ' ', *used);
	words = id ? memchr(id + 1, ' ', (size_t)(end - id - 1)) : NULL;
	if (!words)
		return false;
	row = row_of(strtoull(id + 1, NULL, 10), slice_span(words + 1, (size_t)(end - words - 1)));
	/* As of a real record, the name is gone when this returns. */
	snprintf(room, sizeof(room), "%.*s", (int)(id - text), text);
	emit(context, slice_of(room), &row);
	memset(room, '!', sizeof(room));
	return true;
}

struct post *toy_post(unsigned worker, uint32_t era, uint64_t number, const char *lines)
{
	struct post_store *post = post_new(POST_STORE);

	post->worker = worker;
	post->era = era;
	post->number = number;
	post->len = post->room = strlen(lines);
	post->bytes = (unsigned char *)strdup(lines);
	for (const char *at = lines; *at; at++)
		post->records += *at == '\n';
	return &post->post;
}
