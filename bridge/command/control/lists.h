/* lists.h - the lists a server answers with, as tables. For show.c. Each borrows rows, the array of
 * all, NULL for none. */
#ifndef BRIDGE_COMMAND_CONTROL_LISTS_H
#define BRIDGE_COMMAND_CONTROL_LISTS_H

#include <stdint.h>
#include <stdio.h>

struct json_t;

void lists_people(const struct json_t *rows, FILE *stream);
void lists_rooms(const struct json_t *rows, FILE *stream);
void lists_backends(const struct json_t *rows, FILE *stream);
void lists_history(const struct json_t *rows, FILE *stream);
void lists_bans(const struct json_t *rows, FILE *stream);
void lists_accounts(const struct json_t *rows, FILE *stream);
void lists_tokens(const struct json_t *rows, FILE *stream);

/* The rooms of one person: of `roles`. */
void lists_roles(const struct json_t *rows, FILE *stream);

/* A member of an object (borrows); "" or 0: there is none of that type. */
const char *text_in(const struct json_t *object, const char *name);
int64_t number_in(const struct json_t *object, const char *name);
const struct json_t *value_in(const struct json_t *object, const char *name); /* NULL: none */

/* Prints what a server said, so that it is safe on a terminal. */
void print_safe(FILE *stream, const char *text);

/* Prints the name of a line's value, as wide as all of them. */
void print_label(FILE *stream, const char *name);

#endif
