/* ws_cases.h - the table of tests/bridge/net/ws/cases.tsv: what a client sends, in a notation, and
 * what is to come of it. The notation is told at the table's head. What is wrong in the table fails
 * the test that reads it. */
#ifndef TESTS_SUPPORT_WS_CASES_H
#define TESTS_SUPPORT_WS_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/net/ws/ws_reader.h"

#define WS_CASES "tests/bridge/net/ws/cases.tsv"

/* Bytes that grow. All zeros: none. free(data) */
struct ws_bytes {
	unsigned char *data;
	size_t len, size;
};

struct ws_case {
	char *name;
	size_t limit;
	bool deflate; /* compression was agreed on */
	struct ws_bytes input;
	struct ws_bytes events; /* as ws_event_add() writes them */
};

struct ws_cases {
	struct ws_case *cases;
	size_t count;
};

void ws_cases_read(struct ws_cases *cases, const char *path);
void ws_cases_free(struct ws_cases *cases);

void ws_bytes_add(struct ws_bytes *bytes, const void *more, size_t len);

/* One step of the reader, as a line of text; a long payload as its beginning, length and hash. */
void ws_event_add(struct ws_bytes *events, enum ws_step step, const struct ws_message *message);

/* Writes one frame: a first byte, and a payload that is masked. */
void ws_frame_add(struct ws_bytes *bytes, unsigned first, const void *payload, size_t len);

/* The payload of a compressed message, whatever its size. Adds to bytes. */
void ws_deflated_add(struct ws_bytes *bytes, const void *payload, size_t len);

#endif
