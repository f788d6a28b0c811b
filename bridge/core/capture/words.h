/* words.h - the words that the protocols of dialects consist of, by which redact.c tells what
 * nobody wrote. What is not here is taken for somebody's words. Pure. */
#ifndef BRIDGE_CORE_CAPTURE_WORDS_H
#define BRIDGE_CORE_CAPTURE_WORDS_H

#include <stdbool.h>

#include "codecs/text/slice.h"

/* Has some dialect a member of that name? */
bool words_is_member(struct slice name);

/* Does it say which kind of frame, event, method or part it is? And is that one there is? */
bool words_names_kind(struct slice member);
bool words_has_kind(struct slice text);

/* May people fill it with whatever they like? Is it a secret, whatever it is? */
bool words_is_body(struct slice member);
bool words_is_secret(struct slice member);

/* Does a request of that name log somebody in? */
bool words_logs_in(struct slice method);

/* Is a member's text one that a protocol gives: a role, a status, a duration, a reason, or the id
 * of something, which is a number? */
bool words_has_value(struct slice member, struct slice text);

/* Is an argument of that method, from 0, a text or a number that nobody is free to choose? */
bool words_has_argument(struct slice method, int index, struct slice text);
bool words_has_number(struct slice method, int index);

#endif
