/* walk.h - through the whole table of directives, for its tests. */
#ifndef TESTS_CONF_TABLE_WALK_H
#define TESTS_CONF_TABLE_WALK_H

#include "conf/table/directives.h"

typedef void each_directive(const struct section *, const struct directive *);

/* Calls visit for each directive of section and of those in it. */
static inline void walk(const struct section *section, each_directive *visit)
{
	for (size_t i = 0; i < section->count; i++) {
		visit(section, &section->directives[i]);
		if (section->directives[i].inner)
			walk(section->directives[i].inner, visit);
	}
}

#endif
