/* sample.h - the table of directives as a file. */
#ifndef CONF_TABLE_SAMPLE_H
#define CONF_TABLE_SAMPLE_H

#include <stdio.h>

/* The commented sample: every directive with its default and help, made from the same table
 * that parsing uses. Loading it gives the defaults. */
void conf_print_sample(FILE *stream);

#endif
