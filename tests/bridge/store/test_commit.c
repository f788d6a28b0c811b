#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "bridge/durable/foreign_keeping.h"
#include "bridge/store/commit.h"
#include "tests/support/shelf.h"
#include "tests/support/toy_records.h"

static struct shelf shelf;
static struct commit commit;
static struct post_list posts;

static int open_shelf(void **state)
{
	(void)state;
	shelf_open(&shelf);
	commit = (struct commit){ .database = shelf.database, .rows = toy_rows };
	return 0;
}

static int close_shelf(void **state)
{
	(void)state;
	post_list_clear(&posts);
	shelf_close(&shelf);
	return 0;
}

static void post(unsigned worker, uint32_t era, const char *lines)
{
	post_list_add(&posts, toy_post(worker, era, 1, lines));
}

/* Commits what was posted; fates: for each post "+" or, when it failed, "-", or, when a room's rows
 * are why, the first letter of its name. */
static void commits(const char *fates)
{
	char found[32] = "";
	size_t i = 0;

	commit_posts(&commit, &posts);
	for (const struct post *at = posts.first; at; at = at->next) {
		assert_int_equal(at->kind, POST_STORED);
		const struct post_store *post = (const struct post_store *)at;

		assert_true(post->failed || !post->blamed_len);
		found[i++] = !post->failed ? '+' : post->blamed_len ? post->blamed[0] : '-';
	}
	assert_string_equal(found, fates);
	post_list_clear(&posts);
}

static void holds(const char *room, int messages)
{
	const char *text = shelf_read(shelf.database, room, 1000);
	int count = 0;

	while ((text = strstr(text, "message "))) {
		count++;
		text++;
	}
	assert_int_equal(count, messages);
}

static void posts_of_all_workers_are_one_transaction(void **state)
{
	(void)state;
	post(0, 0, "lobby 1 hello\nattic 2 there\n");
	post(1, 0, "lobby 3 and here\n");
	post(0, 0, "");
	commits("+++");
	assert_int_equal(commit.fault, FAULT_NONE);
	assert_int_equal(commit.records, 3);
	assert_false(commit.erases);
	holds("lobby", 2);
	holds("attic", 1);
	post(0, 0, "lobby 3 -\n");
	commits("+");
	assert_true(commit.erases);
	assert_false(commit.purges);
	post(0, 0, "lobby 3 *\n");
	commits("+");
	assert_true(commit.purges);
}

static void what_cannot_be_read_fails_its_era_alone(void **state)
{
	(void)state;
	post(0, 4, "lobby 1 hello\n");
	post(1, 7, "attic 2 there\n");
	post(0, 4, "lobby 3 fine\n?\n");
	post(0, 4, "lobby 4 follows\n");
	post(1, 7, "attic 5 goes on\n");
	commits("-+--+");
	assert_int_equal(commit.fault, FAULT_RECORD);
	assert_string_equal(commit.text, "a record that cannot be read");
	assert_int_equal(commit.records, 2);
	holds("lobby", 0);
	holds("attic", 2);
	/* What it had sent before it knew; then its next era. */
	post(0, 4, "lobby 6 late\n");
	post(0, 5, "lobby 7 again\n");
	post(0, 4, "lobby 8 later\n");
	commits("-+-");
	assert_int_equal(commit.fault, FAULT_NONE);
	holds("lobby", 1);
}

/* Two are bad, one of them in two eras. */
static void others_are_tried_without(void **state)
{
	(void)state;
	post(0, 0, "lobby 1 a\n");
	post(1, 0, "attic 1 a\nattic 1 twice\n");
	post(2, 0, "?\n");
	post(1, 1, "attic 2 b");
	post(1, 2, "attic 3 c\n");
	((struct post_store *)posts.last)->records = 2;
	post(3, 0, "cellar 4 d\n");
	commits("+----+");
	holds("lobby", 1);
	holds("attic", 0);
	holds("cellar", 1);
}

static void a_name_of_a_room_is_logged_escaped(void **state)
{
	(void)state;
	post(0, 0, "a\x1b[2Jb 1 x\na\x1b[2Jb 1 x\n");
	commits("a");
	assert_non_null(strstr(commit.text, "room \"a\\x1b[2Jb\": UNIQUE constraint failed"));
}

static struct post_foreign *foreign(const char *theirs, uint64_t id)
{
	struct foreign_name name = { slice_of(theirs), id };
	struct foreign_keeping keeping = { .upstream = SLICE("there"),
					   .room = SLICE("lobby"),
					   .names = &name,
					   .count = 1,
					   .settled = id };
	struct post_foreign *post = foreign_post(&keeping);

	post_list_add(&posts, &post->post);
	return post;
}

/* Commits, and says which of their names are stored: each is one letter. */
static const char *names_after_commit(void)
{
	static char names[8];
	size_t len = 0;

	commit_posts(&commit, &posts);
	for (char name = 'a'; name < 'h'; name++) {
		char sql[80];

		snprintf(sql, sizeof(sql), "SELECT count(*) FROM foreign_id WHERE theirs = '%c'",
			 name);
		if (shelf_sql(&shelf, sql))
			names[len++] = name;
	}
	names[len] = '\0';
	post_list_clear(&posts);
	return names;
}

static void their_names_are_of_the_same_transaction(void **state)
{
	(void)state;
	post(0, 0, "lobby 1 hello\n");
	foreign("a", 1);
	post(0, 0, "lobby 2 there\n");
	foreign("b", 2);
	assert_string_equal(names_after_commit(), "ab");
	assert_int_equal(commit.fault, FAULT_NONE);
	assert_int_equal(commit.records, 6);
	holds("lobby", 2);
	assert_int_equal(shelf_sql(&shelf, "SELECT value FROM meta WHERE name GLOB 'settled *'"),
			 2);
}

static void a_bad_name_fails_alone(void **state)
{
	(void)state;
	post(0, 0, "lobby 1 hello\n");
	foreign("a", 1);
	foreign("", 2);
	foreign("c", 3);
	post(0, 0, "lobby 2 goes on\n");
	assert_string_equal(names_after_commit(), "ac");
	assert_int_equal(commit.fault, FAULT_RECORD);
	assert_string_equal(commit.text, "room \"lobby\": a foreign name that is none");
	holds("lobby", 2);
}

static void names_of_what_was_not_stored_are_not(void **state)
{
	struct post_foreign *follows;

	(void)state;
	post(3, 7, "lobby 1 fine\n?\n");
	follows = foreign("a", 1);
	follows->follows = true;
	follows->worker = 3;
	follows->era = 7;
	follows = foreign("b", 2);
	follows->follows = true;
	follows->worker = 3;
	follows->era = 8;
	foreign("c", 3);
	assert_string_equal(names_after_commit(), "bc");
	holds("lobby", 0);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_fails_them_all(void **state)
{
	struct post_foreign *names;

	(void)state;
	post(0, 0, "lobby 1 a\n");
	commits("+");
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	signal(SIGXFSZ, SIG_IGN);
	limit_files(4096);
	post(0, 0, "lobby 2 b\n");
	post(1, 9, "attic 3 c\n");
	commits("--");
	names = foreign("a", 1);
	commit_posts(&commit, &posts);
	assert_true(names->failed);
	post_list_clear(&posts);
	limit_files(RLIM_INFINITY);
	assert_int_equal(commit.fault, FAULT_FULL);
	assert_int_equal(commit.records, 0);
	post(0, 0, "lobby 4 of the same era\n");
	post(1, 10, "attic 5 e\n");
	commits("-+");
	holds("lobby", 1);
	holds("attic", 1);
}

/* Messages are written at the end of a transaction: which room's fail is found all the same, and
 * others are stored. */
static void a_room_that_cannot_be_written_fails_alone(void **state)
{
	(void)state;
	post(0, 0, "lobby 1 a\nattic 2 b\n");
	commits("+");
	shelf_sql(&shelf, "CREATE TRIGGER no BEFORE INSERT ON block WHEN new.room = 1"
			  " BEGIN SELECT RAISE(ABORT, 'not this one'); END");
	post(0, 1, "attic 3 c\n");
	post(1, 1, "lobby 4 d\nlobby 5 e\n");
	post(2, 1, "attic 6 f\n");
	commits("+l+");
	assert_int_equal(commit.fault, FAULT_RECORD);
	assert_string_equal(commit.text, "room \"lobby\": not this one");
	assert_int_equal(commit.records, 2);
	shelf_sql(&shelf, "DROP TRIGGER no");
	post(1, 2, "lobby 7 g\n");
	commits("+");
	holds("lobby", 2);
	holds("attic", 3);
}

static void a_transaction_has_a_bound(void **state)
{
	struct post_list taken;
	char *lines = calloc(3000, 20);
	size_t len = 0;

	(void)state;
	assert_non_null(lines);
	for (int i = 0; i < 3000; i++)
		len += (size_t)sprintf(lines + len, "lobby %d x\n", i + 1);
	for (int i = 0; i < 4; i++)
		post(0, 0, lines);
	free(lines);
	taken = commit_take(&posts);
	assert_int_equal(taken.count, 2);
	assert_int_equal(posts.count, 2);
	post_list_clear(&taken);
	taken = commit_take(&posts);
	assert_int_equal(taken.count, 2);
	assert_null(posts.first);
	post_list_clear(&taken);
	post(0, 0, "lobby 1 x\n");
	assert_ptr_equal(posts.first, posts.last);
	post_list_clear(&posts);
	/* And so have its bytes. */
	lines = malloc(COMMIT_BYTES / 2 + 100);
	assert_non_null(lines);
	memset(lines, 'x', COMMIT_BYTES / 2);
	strcpy(lines + COMMIT_BYTES / 2, "\n");
	for (int i = 0; i < 4; i++)
		post(0, 0, lines);
	free(lines);
	taken = commit_take(&posts);
	assert_int_equal(taken.count, 2);
	assert_int_equal(posts.count, 2);
	post_list_clear(&taken);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shelf, close_shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(posts_of_all_workers_are_one_transaction),
		TEST(what_cannot_be_read_fails_its_era_alone),
		TEST(others_are_tried_without),
		TEST(a_name_of_a_room_is_logged_escaped),
		TEST(their_names_are_of_the_same_transaction),
		TEST(a_bad_name_fails_alone),
		TEST(names_of_what_was_not_stored_are_not),
		TEST(a_full_disk_fails_them_all),
		TEST(a_room_that_cannot_be_written_fails_alone),
		TEST(a_transaction_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
