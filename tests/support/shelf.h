/* shelf.h - what tests of the store share: a folder with its database, rows of one line, what is
 * read again as text, and the file as plain SQL and as bytes. Asserts with cmocka. */
#ifndef TESTS_SUPPORT_SHELF_H
#define TESTS_SUPPORT_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/store/change.h"
#include "bridge/store/read.h"
#include "bridge/store/sqlite/database.h"
#include "bridge/store/sqlite/room_numbers.h"

struct shelf {
	char *folder;
	struct database *database; /* that writes */
};

/* A new folder, and a database in it. */
void shelf_open(struct shelf *shelf);

/* Closes it, and removes the folder. */
void shelf_close(struct shelf *shelf);

/* A test that begins with a new shelf, which ends with it; shelf: its address, which both borrow.
 */
#define SHELF_TEST(test, shelf)                                                                    \
	cmocka_unit_test_prestate_setup_teardown(test, shelf_setup, shelf_teardown, shelf)

/* For it. */
int shelf_setup(void **state);
int shelf_teardown(void **state);

/* Closes and opens the database. */
void shelf_again(struct shelf *shelf);

/* The path of a file of that name in the folder; valid until the next call. */
const char *shelf_path(const struct shelf *shelf, const char *name);

/* Rows, in words: "message 8 by 3 Ann 'hello'". */
struct row row_message(uint64_t id, uint32_t author, const char *name, const char *body);
struct row row_of_id(enum row_kind kind, uint64_t id);
struct row row_edit(uint64_t id, const char *body);
struct row row_note(uint64_t id, uint64_t about, bool stands);
struct row row_delete_all(uint64_t upto, uint32_t author, const char *folded);
struct row row_react(enum row_kind kind, uint64_t id, uint32_t author, const char *emoji,
		     uint64_t at);
struct row row_mark(enum row_list list, uint32_t number, const char *folded, uint64_t until_ms,
		    uint32_t person, uint64_t at);
struct row row_pardon(enum row_list list, uint32_t number, const char *folded);
struct row row_poll(uint64_t id, const char *body);
struct row row_vote(uint32_t author, uint32_t choice, uint64_t at);

struct row row_left(uint32_t person, uint64_t id);

/* Changes a room by one row, in a transaction. */
void shelf_change(struct shelf *shelf, const char *room, struct row row);

/* A message as rooms have it stored, whose body is a record; NULL: without. edited: how it reads
 * now; NULL: as it was said. */
void shelf_say(struct shelf *shelf, const char *room, uint64_t id, uint32_t author,
	       const char *name, const char *text, const char *edited);

/* All purges are carried out. */
void shelf_purge(struct shelf *shelf);

/* What database_read() gives, a line each:
 *
 *   message 8 by 3 Ann roles 1 at 1008: hello | edited: hullo     (deleted: "deleted" for the rest)
 *   note 9 about 8 stands
 *   react 8 by 3 :) at 10
 *   mark 0: number 3 folded ann until 500 person 3 at 11
 *   poll 12 until 60: what?
 *   vote by 3: 1 at 13
 *   left 3 at 14
 *   damaged: message 8                              (of a page: "broken: message from 8")
 *
 * Valid until the next call. */
const char *shelf_read(struct database *database, const char *room, size_t messages);
const char *shelf_history(struct database *database, const char *room, uint64_t before,
			  size_t count);

/* The same as a sink, into a text that shelf_text() returns, emptied by shelf_text_new(). */
struct row_sink shelf_sink(void);
void shelf_text_new(void);
const char *shelf_text(void);

/* Runs SQL in a connection of its own, as who knows the file but not its rules. Returns the number
 * in the first row, or 0. */
int64_t shelf_sql(const struct shelf *shelf, const char *sql);

/* The first leaf page of messages or the like that has these bytes in it has no rows any more: no
 * checksum is left to say it. The database is closed meanwhile, and open again if it was. */
void shelf_break_page(struct shelf *shelf, const char *bytes);

/* Do these bytes stand in that file of the folder? False when there is no such file. */
bool shelf_file_has(const struct shelf *shelf, const char *name, const char *bytes);

#endif
