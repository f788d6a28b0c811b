/* matrix_markdown.h - what each dialect carries, as README's table; for matrix.c. */
#ifndef BRIDGE_COMMAND_MATRIX_MARKDOWN_H
#define BRIDGE_COMMAND_MATRIX_MARKDOWN_H

#include <stdio.h>

void matrix_print_markdown(FILE *stream);

#endif
