/* Chains of several nodes in whole worlds (tests/support/chain_world.h): 200 seeds without and with
 * a log that loses its tail, some more with what is rarer; and each rule of the protocol that is
 * known to be needed is missed when it is switched off.
 *
 * SOAK=N lives through N worlds instead, of all sorts in turn, from seed FROM (default 1) on.
 * SEED=N SORT=name tells what happens in one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "routes/chain/chain.h"
#include "tests/support/chain_world.h"

#define TICKS 1500

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 10 /* and so many seeds fewer */
#else
#define SLOWER 1
#endif

static const struct sort {
	const char *name;
	unsigned seeds;
	struct world_options options;
} sorts[] = {
	{ "plain", 200, { .window = 1 } },
	{ "losing", 200, { .window = 1, .losing = true } },
	{ "windows", 30, { .window = 3 } },
	{ "windows losing", 30, { .window = 8, .losing = true } },
	{ "groups", 30, { .window = 1, .groups = true } },
	{ "groups losing", 30, { .window = 2, .groups = true, .losing = true } },
	{ "leaving", 30, { .window = 1, .leaving = true } },
	{ "leaving losing", 30, { .window = 2, .leaving = true, .losing = true } },
	{ "emptied", 30, { .window = 1, .emptied = true } },
	{ "emptied losing", 30, { .window = 2, .emptied = true, .losing = true } },
	{ "hasty", 30, { .window = 1, .losing = true, .hasty = true } },
	{ "hasty groups", 30, { .window = 1, .losing = true, .hasty = true, .groups = true } },
	{ "hasty windows", 30, { .window = 3, .losing = true, .hasty = true, .groups = true } },
	{ "hasty cruel", 30, { .window = 1, .losing = true, .hasty = true, .cruel = true } },
	{ "cruel", 30, { .window = 3, .losing = true, .cruel = true } },
	{ "cruel groups", 30, { .window = 1, .losing = true, .groups = true, .cruel = true } },
};

#define SORTS (sizeof(sorts) / sizeof(*sorts))

static struct world_options options_of(const struct sort *sort, uint64_t seed)
{
	struct world_options options = sort->options;

	options.seed = seed;
	options.ticks = TICKS;
	options.rules = CHAIN_RULES_ALL;
	return options;
}

static void figures_print(const char *name, const struct world_figures *figures)
{
	print_message("%s: %llu worlds, %llu counted, %llu drafts (%llu said, %llu refused, %llu "
		      "whispered, %llu unsure), %llu kills, %llu renewals, %llu losses, %llu "
		      "stops, %llu restores, %llu copies, %llu purges, %llu void, %llu "
		      "acknowledged lost\n",
		      name, (unsigned long long)figures->worlds,
		      (unsigned long long)figures->counted, (unsigned long long)figures->drafts,
		      (unsigned long long)figures->said, (unsigned long long)figures->refused,
		      (unsigned long long)figures->whispered, (unsigned long long)figures->unsure,
		      (unsigned long long)figures->kills, (unsigned long long)figures->renewals,
		      (unsigned long long)figures->cuts, (unsigned long long)figures->stops,
		      (unsigned long long)figures->restores, (unsigned long long)figures->copies,
		      (unsigned long long)figures->purges, (unsigned long long)figures->voids,
		      (unsigned long long)figures->lost_answers);
}

static void live(const struct sort *sort, uint64_t seed, struct world_figures *figures)
{
	struct world_options options = options_of(sort, seed);
	const char *wrong = world_run(&options, figures);

	if (wrong)
		fail_msg("%s: %s", sort->name, wrong);
}

static void nothing_is_violated(void **state)
{
	(void)state;
	for (size_t i = 0; i < SORTS; i++) {
		struct world_figures figures = { 0 };

		for (unsigned k = 0; k < sorts[i].seeds / SLOWER; k++)
			live(&sorts[i], 1 + k, &figures);
		figures_print(sorts[i].name, &figures);
		assert_true(figures.said > 0 && figures.refused > 0 && figures.whispered > 0);
		assert_true(figures.kills > 0 && figures.copies > 0 && figures.purges > 0);
		assert_true(!sorts[i].options.losing || figures.restores > 0);
		assert_true(sorts[i].options.losing || !figures.lost_answers);
	}
}

/* Twice the same seed is twice the same world. */
static void a_seed_is_a_world(void **state)
{
	struct world_figures one = { 0 }, other = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed < 4; seed++) {
		live(&sorts[1], seed, &one);
		live(&sorts[1], seed, &other);
	}
	assert_memory_equal(&one, &other, sizeof(one));
}

static const struct missed {
	unsigned rule;
	const char *what;
	const char *sort;
	uint64_t from; /* a seed from which on it is not long until it is missed */
} rules[] = {
	{ 1, "counts only behind the last that counted", "plain", 1 },
	{ 2, "judged in the log's order only", "plain", 1 },
	{ 3, "drafts are judged by number without a hole", "plain", 1 },
	{ 4, "a refusal is a line in a batch", "losing", 1 },
	{ 5, "a whisper leaves when its batch counts", "plain", 1 },
	{ 6, "nothing is told before it counts here", "losing", 1 },
	{ 8, "leaving removes the seat of that claim only", "losing", 1 },
	{ 11, "an alarm when somebody read another log", "plain", 1 },
	{ 12, "a restore counts behind the very entry before it", "hasty groups", 1 },
	{ 13, "without the restore's digest rows are copied", "losing", 1 },
	{ 15, "ids above all that were given, of this node", "hasty", 1 },
	{ 16, "ids above all that this node gave, of this node", "hasty", 1 },
	{ 17, "counts without the words' key too", "plain", 1 },
	{ 18, "below the log rows are copied", "plain", 1 },
	{ 20, "drafts of those who are gone are ignored", "losing", 1 },
	{ 21, "who reads of being gone begins anew", "plain", 1 },
	{ 22, "the lowest version of all is written", "plain", 1 },
	{ 24, "while another is stopped nothing is written", "losing", 1 },
	{ 25, "rows are copied from who runs under an unknown restore", "hasty", 1 },
	{ 26, "who showed what does not count begins anew", "losing", 300 },
	{ 28, "a beat shows that a restore was missed", "hasty windows", 495 },
	{ 29, "the last valid restore governs, counted or not", "hasty groups", 205 },
	{ 31, "who waits for rows in vain looks at the log again", "hasty cruel", 1080 },
};

#define WITHIN 1500 /* seeds */

static const struct sort *sort_named(const char *name)
{
	for (size_t i = 0; i < SORTS; i++)
		if (strcmp(sorts[i].name, name) == 0)
			return &sorts[i];
	fail_msg("no sort of world is called %s", name);
	return NULL;
}

static void each_rule_is_missed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		struct world_figures figures = { 0 };
		const struct sort *sort = sort_named(rules[i].sort);
		const char *wrong = NULL;
		uint64_t seed = 0;

		for (uint64_t k = 0; k < WITHIN && !wrong; k++) {
			struct world_options options = options_of(sort, rules[i].from + k);

			options.rules &= ~(UINT64_C(1) << rules[i].rule);
			seed = options.seed;
			wrong = world_run(&options, &figures);
		}
		if (!wrong)
			fail_msg("rule %u (%s) is not missed", rules[i].rule, rules[i].what);
		print_message("without rule %u (%s): %s\n", rules[i].rule, rules[i].what, wrong);
		/* It was the rule that was missed. */
		live(sort, seed, &figures);
	}
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void soak(void **state)
{
	uint64_t count = number_of("SOAK", 0), from = number_of("FROM", 1);
	struct world_figures figures = { 0 };

	(void)state;
	for (uint64_t k = 0; k < count; k++) {
		/* Most are of the first two sorts. */
		size_t sort = k % 4 < 2 ? k % 2 : k / 4 % SORTS;

		live(&sorts[sort], from + k, &figures);
		if ((k + 1) % 5000 == 0)
			figures_print("so far", &figures);
	}
	figures_print("all", &figures);
}

static void one_world(void **state)
{
	const char *name = getenv("SORT");
	struct world_figures figures = { 0 };
	struct world_options options =
	    options_of(sort_named(name ? name : "plain"), number_of("SEED", 1));
	const char *wrong;

	(void)state;
	options.telling = true;
	options.rules &= ~(number_of("OFF", 0) ? UINT64_C(1) << number_of("OFF", 0) : 0);
	wrong = world_run(&options, &figures);
	figures_print(wrong ? wrong : "fine", &figures);
	assert_null(wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_is_a_world),
		cmocka_unit_test(nothing_is_violated),
		cmocka_unit_test(each_rule_is_missed),
	};
	const struct CMUnitTest soaking[] = { cmocka_unit_test(soak) };
	const struct CMUnitTest telling[] = { cmocka_unit_test(one_world) };

	if (getenv("SOAK"))
		return cmocka_run_group_tests(soaking, NULL, NULL);
	if (getenv("SEED"))
		return cmocka_run_group_tests(telling, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
