/* resolve.h - what no single value can show: names that refer to each other, duplicates, values
 * that exclude each other, secret files. */
#ifndef CONF_CHECK_RESOLVE_H
#define CONF_CHECK_RESOLVE_H

#include "conf/conf.h"
#include "conf/read/reader.h"

/* Fills in what is inherited (a mount's room and guests) and adds a fault for each thing that
 * does not fit. root is the tree conf was read from. Called by conf.c after read_section(). */
void resolve(struct reader *reader, struct config_setting_t *root, struct conf *conf);

struct roster;

/* Its parts: rules and their steps; backends and taps, their endpoints and keys. */
void resolve_routes(struct reader *reader, struct config_setting_t *root, const struct conf *conf,
		    const struct roster *roster);
void resolve_backends(struct reader *reader, struct config_setting_t *root, const struct conf *conf,
		      const struct roster *roster);

#endif
