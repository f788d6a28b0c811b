/* credentials.h - who an upgrade request says it is: the steps that the handshakes of the
 * dialects share. Called by codecs only; pure. */
#ifndef CODECS_CREDENTIALS_H
#define CODECS_CREDENTIALS_H

#include <stdbool.h>

#include "codecs/codec.h"
#include "codecs/text/slice.h"

/* The raw value of a parameter in a query string (a=1&b=2), up to the next '&'. Borrows from
 * query; absent when there is no such parameter. name: plain ASCII. */
struct slice credentials_parameter(struct slice query, const char *name);

/* Undoes percent escapes; an invalid escape stays as it is, '+' too. Borrows from text when it
 * holds no '%', else from scratch, which needs room for text.len bytes. The result may be any
 * bytes: check that it is UTF-8. */
struct slice credentials_unescape(struct slice text, char *scratch);

/* Undoes base64, padded or not, in the common or the URL alphabet, into scratch, which needs
 * room for text.len bytes. Returns the absent slice when text is not base64. */
struct slice credentials_base64(struct slice text, char *scratch);

/* Reads "NAME" or "NAME:SECRET" (the first ':' divides) into login->name and login->secret,
 * which borrow from text. An empty secret is an absent one: it must never match another's.
 * False when the name is empty or text is not UTF-8; login is then untouched. */
bool credentials_split(struct slice text, struct codec_login *login)
    __attribute__((warn_unused_result));

#endif
