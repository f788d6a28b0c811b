/* table.h - rows of texts in columns, for a terminal. */
#ifndef BRIDGE_COMMAND_CONTROL_TABLE_H
#define BRIDGE_COMMAND_CONTROL_TABLE_H

#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 16

struct table;

/* heads: the columns' heads, NULL-terminated, constant; one that begins with '>' is of numbers,
 * which stand to the right. Returns new. */
struct table *table_new(const char *const *heads);
void table_free(struct table *table);

/* The next cell, of the next row after the last column. Copied; what is not printable becomes '?'.
 */
void table_text(struct table *table, const char *text);
void table_number(struct table *table, int64_t number);

/* Prints all rows, under their heads. */
void table_print(const struct table *table, FILE *stream);

#endif
