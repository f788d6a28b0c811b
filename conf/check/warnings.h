/* warnings.h - what no directive forbids, and few operators mean. */
#ifndef CONF_CHECK_WARNINGS_H
#define CONF_CHECK_WARNINGS_H

#include "conf/conf.h"
#include "conf/read/reader.h"

/* Adds conf's warnings, in the order of the file. root is the tree conf was read from. Called by
 * load.c when there are no faults. */
void warnings_make(struct reader *reader, struct config_setting_t *root, struct conf *conf);

void warnings_free(struct conf *conf);

#endif
