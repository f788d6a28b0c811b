#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/logins/tokens.h"
#include "bridge/secrets/password.h"
#include "bridge/secrets/token_text.h"

#define NOW UINT64_C(1767225600000)

static const struct token_limits limits = { .lasts_ms = 1000, .count = 100, .per_person = 3 };

static size_t count_of(struct tokens *tokens)
{
	struct token_row *rows;
	size_t count = tokens_list(tokens, 0, &rows);

	free(rows);
	return count;
}

/* Made, but not added. */
static struct token_row row_of(uint32_t number, uint64_t issued_ms, uint64_t expires_ms,
			       char text[TOKEN_TEXT_LEN + 1])
{
	struct token_row row = { .kind = HOLDER_ACCOUNT,
				 .number = number,
				 .name = "ann",
				 .issued_ms = issued_ms,
				 .expires_ms = expires_ms };

	token_text_make(text);
	token_text_hash(slice_of(text), row.hash);
	return row;
}

static struct token_row add(struct tokens *tokens, uint32_t number, uint64_t issued_ms,
			    uint64_t expires_ms, char text[TOKEN_TEXT_LEN + 1])
{
	struct token_row row = row_of(number, issued_ms, expires_ms, text), was;
	bool gone;

	assert_true(tokens_add(tokens, &row, false, &gone, &was));
	assert_false(gone);
	return row;
}

static bool holds(struct tokens *tokens, const char *text, uint64_t now_ms)
{
	struct token_row row;

	return tokens_find(tokens, slice_of(text), now_ms, &row);
}

static void one_is_found_by_its_text_alone(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1], other[TOKEN_TEXT_LEN + 1];
	struct token_row row, added = add(tokens, 7, NOW, 0, text);

	(void)state;
	assert_true(tokens_find(tokens, slice_of(text), NOW, &row));
	assert_memory_equal(&row, &added, sizeof(row));
	token_text_make(other);
	assert_false(holds(tokens, other, NOW));
	text[TOKEN_TEXT_LEN - 1] = text[TOKEN_TEXT_LEN - 1] == 'A' ? 'B' : 'A';
	assert_false(holds(tokens, text, NOW));
	assert_false(holds(tokens, "ann", NOW));
	assert_false(tokens_find(tokens, (struct slice){ 0 }, NOW, &row));
	tokens_free(tokens);
}

/* Half a hash is none: not even that of one whose table place it shares. */
static void the_whole_hash_counts(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1];
	struct token_row row = row_of(7, NOW, 0, text), was;
	bool gone;

	(void)state;
	row.hash[TOKEN_ROW_HASH - 1] ^= 1;
	assert_true(tokens_add(tokens, &row, false, &gone, &was));
	assert_false(holds(tokens, text, NOW));
	tokens_free(tokens);
}

static void it_expires(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1], lasting[TOKEN_TEXT_LEN + 1];
	struct token_row rows[4];

	(void)state;
	add(tokens, 7, NOW, NOW + 1000, text);
	add(tokens, 7, NOW, 0, lasting);
	assert_true(holds(tokens, text, NOW + 999));
	assert_int_equal(tokens_expire(tokens, NOW + 999, rows, 4), 0);
	assert_false(holds(tokens, text, NOW + 1000));
	assert_int_equal(tokens_expire(tokens, NOW + 1000, rows, 4), 1);
	assert_int_equal(rows[0].expires_ms, NOW + 1000);
	assert_int_equal(count_of(tokens), 1);
	assert_true(holds(tokens, lasting, UINT64_MAX));
	tokens_free(tokens);
}

/* Many are gone through in pieces; nothing is missed however often some are taken out. */
static void all_that_expired_go(void **state)
{
	struct token_limits many = { .count = 5000, .per_person = 5000 };
	struct tokens *tokens = tokens_new(many);
	char text[TOKEN_TEXT_LEN + 1];
	struct token_row rows[16];
	size_t gone = 0;

	(void)state;
	for (uint32_t i = 0; i < 4000; i++)
		add(tokens, i % 7 + 1, NOW, i % 2 ? NOW + 1 : 0, text);
	for (unsigned i = 0; i < 1000; i++)
		gone += tokens_expire(tokens, NOW + 1, rows, 16);
	assert_int_equal(gone, 2000);
	assert_int_equal(count_of(tokens), 2000);
	tokens_free(tokens);
}

static void one_that_comes_holds_when_it_is_stored(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1], other[TOKEN_TEXT_LEN + 1];
	struct token_row row = row_of(7, NOW, 0, text), second = row_of(7, NOW, 0, other), was;
	struct token_row *rows;
	bool gone;

	(void)state;
	assert_true(tokens_add(tokens, &row, true, &gone, &was));
	assert_true(tokens_add(tokens, &second, true, &gone, &was));
	assert_false(tokens_add(tokens, &second, true, &gone, &was));
	assert_false(holds(tokens, text, NOW));
	assert_int_equal(tokens_list(tokens, 7, &rows), 0);
	free(rows);
	tokens_settle(tokens, row.hash, true);
	tokens_settle(tokens, second.hash, false);
	assert_true(holds(tokens, text, NOW));
	assert_false(holds(tokens, other, NOW));
	assert_int_equal(count_of(tokens), 1);
	tokens_settle(tokens, second.hash, true);
	assert_int_equal(count_of(tokens), 1);
	tokens_free(tokens);
}

static void the_oldest_of_a_person_goes(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char texts[4][TOKEN_TEXT_LEN + 1], other[TOKEN_TEXT_LEN + 1];
	struct token_row row, was;
	bool gone;

	(void)state;
	add(tokens, 8, NOW - 5, 0, other);
	add(tokens, 7, NOW + 1, 0, texts[1]);
	add(tokens, 7, NOW, 0, texts[0]);
	add(tokens, 7, NOW + 2, 0, texts[2]);
	row = row_of(7, NOW + 3, 0, texts[3]);
	assert_true(tokens_add(tokens, &row, false, &gone, &was));
	assert_true(gone);
	assert_int_equal(was.issued_ms, NOW);
	assert_false(holds(tokens, texts[0], NOW));
	for (size_t i = 1; i < 4; i++)
		assert_true(holds(tokens, texts[i], NOW));
	assert_true(holds(tokens, other, NOW));
	tokens_free(tokens);
}

static void there_are_so_many(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1], first[TOKEN_TEXT_LEN + 1];
	struct token_row row, was;
	bool gone;

	(void)state;
	add(tokens, 1, NOW, 0, first);
	for (uint32_t i = 2; i <= limits.count; i++)
		add(tokens, i, NOW, 0, text);
	row = row_of(1000, NOW, 0, text);
	assert_false(tokens_add(tokens, &row, false, &gone, &was));
	assert_false(gone);
	assert_false(holds(tokens, text, NOW));
	assert_int_equal(count_of(tokens), limits.count);
	assert_true(holds(tokens, first, NOW));
	assert_true(tokens_find(tokens, slice_of(first), NOW, &was));
	assert_true(tokens_remove(tokens, was.hash, &was));
	assert_true(tokens_add(tokens, &row, false, &gone, &was));
	assert_int_equal(tokens_last_ms(tokens), limits.lasts_ms);
	tokens_free(tokens);
}

/* Who needs nobody's leave to be somebody does not keep others from it. */
static void guests_leave_room_for_others(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1];
	struct token_row row, was;
	bool gone;

	(void)state;
	for (uint32_t i = 0; i <= limits.count / 2; i++) {
		row = row_of(1000 + i, NOW, NOW + 5, text);
		row.kind = HOLDER_GUEST;
		assert_int_equal(tokens_add(tokens, &row, false, &gone, &was),
				 i < limits.count / 2);
	}
	for (uint32_t i = 1; i <= limits.count / 2; i++)
		add(tokens, i, NOW, 0, text);
	/* What goes, of whichever way, makes room. */
	assert_int_equal(tokens_expire(tokens, NOW + 5, &was, 1), 1);
	row = row_of(2000, NOW, NOW + 5, text);
	row.kind = HOLDER_GUEST;
	assert_true(tokens_add(tokens, &row, false, &gone, &was));
	tokens_free(tokens);
}

static void one_is_taken_out(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1];
	struct token_row row = add(tokens, 7, NOW, 0, text), was;

	(void)state;
	assert_true(tokens_remove(tokens, row.hash, &was));
	assert_memory_equal(&row, &was, sizeof(row));
	assert_false(tokens_remove(tokens, row.hash, &was));
	assert_false(holds(tokens, text, NOW));
	tokens_free(tokens);
}

static void they_are_listed_by_number_and_age(void **state)
{
	struct tokens *tokens = tokens_new(limits);
	char text[TOKEN_TEXT_LEN + 1];
	struct token_row *rows;

	(void)state;
	add(tokens, 9, NOW, 0, text);
	add(tokens, 7, NOW + 2, 0, text);
	add(tokens, 7, NOW + 1, 0, text);
	assert_int_equal(tokens_list(tokens, 0, &rows), 3);
	assert_int_equal(rows[0].number, 7);
	assert_int_equal(rows[0].issued_ms, NOW + 1);
	assert_int_equal(rows[1].issued_ms, NOW + 2);
	assert_int_equal(rows[2].number, 9);
	free(rows);
	assert_int_equal(tokens_list(tokens, 9, &rows), 1);
	free(rows);
	assert_int_equal(tokens_list(tokens, 8, &rows), 0);
	free(rows);
	tokens_free(tokens);
	tokens_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_found_by_its_text_alone),
		cmocka_unit_test(the_whole_hash_counts),
		cmocka_unit_test(it_expires),
		cmocka_unit_test(all_that_expired_go),
		cmocka_unit_test(one_that_comes_holds_when_it_is_stored),
		cmocka_unit_test(the_oldest_of_a_person_goes),
		cmocka_unit_test(there_are_so_many),
		cmocka_unit_test(guests_leave_room_for_others),
		cmocka_unit_test(one_is_taken_out),
		cmocka_unit_test(they_are_listed_by_number_and_age),
	};

	if (!password_begin())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
