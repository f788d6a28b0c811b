/* read.h - the parsed tree into the structs of conf.h, driven by the table of directives. */
#ifndef CONF_READ_READ_H
#define CONF_READ_READ_H

#include "conf/read/reader.h"
#include "conf/table/directives.h"

/* Fills fields (a zeroed struct of the section) from group, and from defaults where group lacks
 * something; adds a fault for each thing that is wrong. What is wrong gets its default, so that
 * the struct is whole in any case. group may be NULL: defaults only. Called by load.c. */
void read_section(struct reader *reader, const struct section *section,
		  struct config_setting_t *group, void *fields);

/* The list of groups of that name in group, else the default one out of the sample (any
 * listener's mounts are those of the sample's first), else NULL. Also for resolve.c. */
struct config_setting_t *read_groups(struct reader *reader, struct config_setting_t *group,
				     const char *name);

/* Frees what read_section() made; not fields itself. */
void section_free(const struct section *section, void *fields);

#endif
