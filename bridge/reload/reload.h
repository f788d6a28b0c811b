/* reload.h - takes over what a running server can of a changed configuration: its rooms, accounts
 * and routes, the log level and the log format. Main thread.
 *
 * What came of it is in bridge->reloads, until the one after the next ends. Either all of it or
 * nothing. Workers get it as news (core/news.h), each between two of its events. A room that is
 * removed is closed by its owner at once; what is kept of it goes when nothing can refer to it any
 * more: all workers have taken the news, nothing waits that names it, and mail that was under way
 * has been handled several times over (sweep.h). */
#ifndef BRIDGE_RELOAD_RELOAD_H
#define BRIDGE_RELOAD_RELOAD_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "bridge/core/post.h"

/* Reads the file (borrowed for the process) again. When all of it is right, every worker is told,
 * and the log says what else is different and waits for a restart; what was done is logged in one
 * line when all have taken it. Else nothing changes, errors are told to errors as "FILE:LINE:
 * error: ...", and false is returned. While workers are still taking what came before, the file is
 * read when they have, and true is returned. */
bool reload(struct bridge *bridge, const char *file, FILE *errors);

/* Do workers still take something? Then nothing is added or removed. */
bool reload_busy(const struct bridge *bridge);

/* Opens the room of a configuration that has it alone (takes), as a reload would; all else stays.
 * It is open when reload_busy() says no. NULL, or why not (free()): another room has its name or an
 * id of it. */
char *reload_add_room(struct bridge *bridge, struct conf *made);

/* Closes that room, in the same way. NULL, or why not: a mount names it, or there is none. */
char *reload_remove_room(struct bridge *bridge, const char *name);

/* The room of a configuration that has it alone (takes) is as that says, from the moment that
 * reload_busy() says no. NULL, or why not (free()): there is none of that name. */
char *reload_change_room(struct bridge *bridge, struct conf *made);

/* A post to the main thread that reload.c waits for: POST_TAKEN, POST_SWEPT. Borrows. False: it is
 * another kind. */
bool reload_post(struct bridge *bridge, const struct post *post);

/* Is there something left of removed rooms? Then call reload_sweep() every now and then. */
bool reload_sweeps(const struct bridge *bridge);
void reload_sweep(struct bridge *bridge);

/* Frees what is kept for reloads, when all workers are gone. For setup_free(). */
void reload_end(struct bridge *bridge);

#endif
