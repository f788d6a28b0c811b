/* rules.h - the routes of a configuration, compiled. Main thread, at start and at each reload. */
#ifndef BRIDGE_RULES_H
#define BRIDGE_RULES_H

#include <stdbool.h>
#include <stdio.h>

#include "routes/rules/route_table.h"

struct conf;
struct room_table;
struct conf_judge;

/* Compiles conf's routes. Rooms, which are those of the table, are known to them by their entries'
 * index; backends, taps and upstreams by their places in conf. Errors go to errors as "FILE:LINE:
 * error: ...". Borrows all for the call. Returns new, count one, or NULL after an error. */
const struct route_table *rules_make(const struct conf *conf, const struct room_table *rooms,
				     FILE *errors);

/* What is wrong with them as rules goes to judge; of routes that are not sound, or when not all
 * names are known, with their patterns only. Called through conf_known while a configuration is
 * read. */
void rules_check(const struct conf *conf, const bool *sound, bool names_known,
		 struct conf_judge *judge);

#endif
