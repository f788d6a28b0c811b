/* sample.h - the table of directives as a file. */
#ifndef CONF_TABLE_SAMPLE_H
#define CONF_TABLE_SAMPLE_H

#include <stdio.h>

#include "conf/conf.h"

/* The commented sample: every directive with its default and help, made from the same table
 * that parsing uses, with what these dialects bring along. Loading it gives the defaults. */
void conf_print_sample(const struct conf_known *known, FILE *stream);

#endif
