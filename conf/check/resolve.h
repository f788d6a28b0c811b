/* resolve.h - what no single value can show: names that refer to each other, duplicates, values
 * that exclude each other, secret files. */
#ifndef CONF_CHECK_RESOLVE_H
#define CONF_CHECK_RESOLVE_H

#include "conf/conf.h"
#include "conf/read/reader.h"

/* Fills in what is inherited (a mount's room and guests) and adds a fault for each thing that
 * does not fit. root is the tree conf was read from. Called by load.c after read_section(). */
void resolve(struct reader *reader, struct config_setting_t *root, struct conf *conf);

#endif
