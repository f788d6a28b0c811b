/* floor.h - what the unit tests of the bridge's files share: a stage (see stage.h) with people on
 * it, asserting with cmocka, and books that must balance at the end. */
#ifndef TESTS_SUPPORT_FLOOR_H
#define TESTS_SUPPORT_FLOOR_H

#include "tests/support/cast.h"
#include "tests/support/stage.h"

/* Pieces of configurations. */
#define FLOOR_LOBBY                                                                                \
	"rooms = ( { name = \"lobby\"; mixer = 1; concord = 1;"                                    \
	" rooms = \"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"; history = 10; } );"

/* Two rooms; with four workers their owners are different ones. A mount of the attic, too. */
#define FLOOR_TWO_ROOMS                                                                            \
	"rooms = ( { name = \"lobby\"; mixer = 1; concord = 1;"                                    \
	" rooms = \"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"; history = 10; },"                      \
	" { name = \"attic\"; mixer = 2; concord = 2;"                                             \
	" rooms = \"20bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02\"; } );"                                  \
	"listeners = ( { port = 0; mounts = ("                                                     \
	" { path = \"/mixer\"; dialect = \"mixer\"; room = \"lobby\"; },"                          \
	" { path = \"/concord\"; dialect = \"concord\"; room = \"lobby\"; },"                      \
	" { path = \"/rooms\"; dialect = \"rooms\"; room = \"lobby\"; },"                          \
	" { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; },"                        \
	" { path = \"/attic\"; dialect = \"simple\"; room = \"attic\"; } ); } );"

#define FLOOR_NO_RATE " messages_per_second = 0;"

struct floor {
	struct cast cast; /* names in patterns: see cast.h */
	struct stage *stage;
	struct counters *counters; /* of floor_counters() */
};

/* config: a configuration's text; NULL: FLOOR_LOBBY. Fails when it is refused. */
void floor_open(struct floor *floor, unsigned workers, const char *config);

/* Everybody leaves: every counter must balance, and nothing may have been noted as a fault. */
void floor_close(struct floor *floor);

/* Somebody comes and logs in; what all were sent of it is forgotten. credential: see actors.h;
 * NULL: the usual. Fails when refused. Borrowed from the stage. */
struct stage_client *floor_join(struct floor *floor, const char *name, size_t dialect,
				const char *credential);

/* The same by a connection of that framing. */
struct stage_client *floor_join_framed(struct floor *floor, const char *name, size_t dialect,
				       enum framing framing);

/* The same by a WebSocket that agreed on permessage-deflate. */
struct stage_client *floor_join_compressed(struct floor *floor, const char *name, size_t dialect);

/* The same by another Dragoman. */
struct stage_client *floor_join_dragoman(struct floor *floor, const char *name, size_t dialect);

/* The same at the mount of that path. */
struct stage_client *floor_join_at(struct floor *floor, const char *name, size_t dialect,
				   const char *path);

/* Somebody comes and is not let in: the response begins with "HTTP/1.1 " and status. query or
 * authorization (as "name:password") as the dialect wants it. */
void floor_refused(struct floor *floor, size_t dialect, const char *credential, const char *status);

/* Connects without logging in (mixer), or as the query says. */
struct stage_client *floor_connect(struct floor *floor, const char *name, size_t dialect,
				   const char *query);

/* A client sends that. */
void floor_say(struct stage_client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The next frame a client was sent is like pattern (see pattern_alike()). */
void floor_hears(struct floor *floor, struct stage_client *client, const char *pattern);

/* The next frame a client was sent has these words in it. */
void floor_hears_words(struct stage_client *client, const char *words);

/* A client was sent nothing more. */
void floor_hears_nothing(struct stage_client *client);

/* How many frames a client was sent and has not looked at. */
size_t floor_heard(const struct stage_client *client);

/* Everybody forgets what they were sent. */
void floor_forget(struct floor *floor);

/* The bridge says it: JSON, see injection.h. */
enum reason floor_inject(struct floor *floor, const char *json);

/* The sum over the workers; valid until the next call. */
const struct counters *floor_counters(struct floor *floor);

/* That of one dialect and outcome, over all rooms and workers. */
uint64_t floor_outcomes(struct floor *floor, size_t dialect, enum outcome outcome);

/* A new empty folder. Returns new; floor_folder_remove() frees it and removes the folder with the
 * files in it. */
char *floor_folder(void);
void floor_folder_remove(char *folder);

/* Writes a file of that name and mode into a folder. */
void floor_file(const char *folder, const char *name, const char *text, unsigned mode);

/* Between the workers' turns: from here on frames reach the sessions and nothing more happens,
 * until floor_go(). */
void floor_hold(struct floor *floor);
void floor_go(struct floor *floor);

#endif
