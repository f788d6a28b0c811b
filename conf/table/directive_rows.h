/* directive_rows.h - how a row of the table of directives is written. Included by the files that
 * hold the table only. */
#ifndef CONF_TABLE_DIRECTIVE_ROWS_H
#define CONF_TABLE_DIRECTIVE_ROWS_H

#include <stddef.h>

#define SECTION(title_, rows_, type_)                                                              \
	.title = (title_), .directives = (rows_), .count = sizeof(rows_) / sizeof((rows_)[0]),     \
	.size = sizeof(struct type_)
#define PLACED(type) .placed = true, .place_offset = offsetof(struct type, place)

/* Rows are long and alike; naming the fields by macro keeps one directive in one place. */
#define AT(type, field)     .name = #field, .offset = offsetof(struct type, field)
#define YES_NO(value)       .type = DIRECTIVE_YES_NO, .number = (value)
#define NUMBER(a, b, value) .type = DIRECTIVE_NUMBER, .min = (a), .max = (b), .number = (value)
#define LARGE(a, b)         .type = DIRECTIVE_LARGE, .min = (a), .max = (b)
#define TEXT(form, a, b)    .type = DIRECTIVE_TEXT, .shape = (form), .min = (a), .max = (b)
#define TEXTS(form, a, b, bytes)                                                                   \
	.type = DIRECTIVE_TEXTS, .shape = (form), .min = (a), .max = (b), .item_max = (bytes)
#define GROUPS(type_, counter, section_, a, b)                                                     \
	.type = DIRECTIVE_GROUPS, .count_offset = offsetof(struct type_, counter),                 \
	.inner = &(section_), .min = (a), .max = (b)

#endif
