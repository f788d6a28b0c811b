/* stage.h - a server in memory, for dragoman translate: its sessions, rules, rooms and codecs are
 * the real ones; its clients are connected without sockets, its clock goes on when it is told to,
 * and its key is of zeros. So what comes of the same input is the same each time.
 *
 * Of its configuration nothing is called, listened to or stored; there are no accounts, and
 * whoever comes is let in; rooms are open; nothing comes too fast. One thread. */
#ifndef BRIDGE_COMMAND_TRANSLATE_STAGE_H
#define BRIDGE_COMMAND_TRANSLATE_STAGE_H

#include "bridge/command/translate/scene.h"

/* file: a configuration; NULL: the defaults. room: its name; NULL: the first. server: index of the
 * dialect of a server whose frames will be heard by hearing.h; SIZE_MAX: none. time_ms: since
 * 1970. Errors go to errors. Returns new, or NULL. */
struct stage *stage_open(const char *file, const char *room, size_t server, uint64_t time_ms,
			 FILE *errors);
void stage_close(struct stage *stage); /* NULL is ignored */

/* Somebody connects with a client of that dialect, by the handshake of its trial (codec.h). Where
 * that does not log in, stage_log_in() does. The client is the stage's; its session is NULL when it
 * was refused. */
struct stage_client *stage_join(struct stage *stage, size_t dialect, const char *name);

/* Sends the frame that logs in, if that is yet to be done. False: it is not let in. */
bool stage_log_in(struct stage_client *client) __attribute__((warn_unused_result));

/* The server gives that role in the room to somebody who is there. */
void stage_give_role(struct stage_client *client, uint32_t role);

/* A client sends a frame (borrows); it leaves; time passes. Whatever follows from it has happened
 * when these return. */
void stage_say(struct stage_client *client, struct slice text);
void stage_leave(struct stage_client *client);
void stage_pass(struct stage *stage, uint64_t ms);

/* Turns until nobody has anything left to do. For hearing.c. */
void stage_settle(struct stage *stage);

/* Drops the first of a client's frames; those of all. */
void stage_drop(struct stage_client *client);
void stage_drop_all(struct stage *stage);

#endif
