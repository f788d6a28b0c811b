/* hearing.h - what a client of the stage (stage.h) was sent: bytes taken apart into messages, which
 * go to its inbox. */
#ifndef TESTS_SUPPORT_HEARING_H
#define TESTS_SUPPORT_HEARING_H

#include <stddef.h>

struct stage_client;

/* Whole frames, or lines. Returns what is wrong with them; NULL: nothing. */
const char *hearing_frame(struct stage_client *client, const unsigned char *bytes, size_t len);

#endif
