#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/output.h"

/* A standard descriptor leads elsewhere between these two. */
struct detour {
	int of, before, ends[2];
};

static void detour_begin(struct detour *d, int of)
{
	d->of = of;
	d->before = dup(of);
	assert_true(d->before >= 0);
	assert_true(dup2(d->ends[1], of) >= 0);
}

static void detour_end(struct detour *d)
{
	dup2(d->before, d->of);
	close(d->before);
	close(d->ends[0]);
	close(d->ends[1]);
}

static size_t read_all(int fd, char *into, size_t size)
{
	size_t len = 0;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		ssize_t more = read(fd, into + len, size - 1 - len);

		if (more <= 0)
			break;
		len += (size_t)more;
	}
	into[len] = '\0';
	return len;
}

/* Lines until one is lost; it would hang here if it waited. */
static unsigned fill(void)
{
	char line[1000];
	unsigned count = 0;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	while (output_line(line, sizeof(line)))
		count++;
	return count;
}

static void a_pipe_nobody_reads_does_not_hold_us_up(void **state)
{
	struct detour d;
	static char read_back[1 << 20];
	unsigned count;

	(void)state;
	assert_int_equal(pipe(d.ends), 0);
	detour_begin(&d, STDERR_FILENO);
	alarm(10);
	count = fill();
	assert_in_range(count, 60, 70);
	assert_in_range(read_all(d.ends[0], read_back, sizeof(read_back)), 60000, 66000);
	assert_true(output_line("again\n", 6));
	read_all(d.ends[0], read_back, sizeof(read_back));
	assert_string_equal(read_back, "again\n");
	/* The pipe is others', too: it still waits for who writes to it without us. */
	assert_false(fcntl(d.ends[1], F_GETFL) & O_NONBLOCK);
	alarm(0);
	detour_end(&d);
}

static void a_socket_does_not_hold_us_up(void **state)
{
	struct detour d;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, d.ends), 0);
	detour_begin(&d, STDERR_FILENO);
	alarm(10);
	assert_true(fill() > 10);
	close(d.ends[0]);
	d.ends[0] = dup(d.ends[1]);
	assert_false(output_line("gone\n", 5)); /* and no SIGPIPE */
	alarm(0);
	detour_end(&d);
}

static void what_is_lost_is_told_later(void **state)
{
	struct detour d;
	static char read_back[1 << 20];

	(void)state;
	assert_int_equal(pipe(d.ends), 0);
	detour_begin(&d, STDERR_FILENO);
	alarm(10);
	fill();
	while (output_line("x\n", 2)) {
	}
	log_line(LOG_ERROR, "lost one");
	log_line(LOG_ERROR, "lost two");
	read_all(d.ends[0], read_back, sizeof(read_back));
	log_line(LOG_ERROR, "read");
	read_all(d.ends[0], read_back, sizeof(read_back));
	assert_non_null(
	    strstr(read_back, "warning 2 lines were dropped here: standard error was not read\n"));
	assert_non_null(strstr(read_back, "error read\n"));
	assert_null(strstr(read_back, "lost"));
	log_line(LOG_ERROR, "more");
	read_all(d.ends[0], read_back, sizeof(read_back));
	assert_null(strstr(read_back, "missing"));
	alarm(0);
	detour_end(&d);
}

/* Elsewhere than to a reader who sleeps, the reason is another one. */
static void a_full_disk_is_told_as_one(void **state)
{
	struct detour d = { .ends = { open("/dev/null", O_RDONLY), open("/dev/full", O_WRONLY) } };
	static char read_back[1 << 20];

	(void)state;
	detour_begin(&d, STDERR_FILENO);
	log_line(LOG_ERROR, "lost");
	detour_end(&d);
	assert_int_equal(pipe(d.ends), 0);
	detour_begin(&d, STDERR_FILENO);
	log_line(LOG_ERROR, "read");
	read_all(d.ends[0], read_back, sizeof(read_back));
	detour_end(&d);
	assert_non_null(
	    strstr(read_back, "1 lines were dropped here: standard error: No space left"));
}

/* A part of a line counts as lost, and what follows is a line of its own. */
static void a_part_of_a_line_is_no_line(void **state)
{
	const struct rlimit small = { 10, RLIM_INFINITY }, none = { RLIM_INFINITY, RLIM_INFINITY };
	FILE *file = tmpfile();
	struct detour d = { .ends = { open("/dev/null", O_RDONLY), dup(fileno(file)) } };
	char text[64] = "";
	bool first, second;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	detour_begin(&d, STDERR_FILENO);
	setrlimit(RLIMIT_FSIZE, &small);
	first = output_line("twelve bytes\n", 13);
	setrlimit(RLIMIT_FSIZE, &none);
	second = output_line("whole\n", 6);
	detour_end(&d);
	assert_false(first);
	assert_true(second);
	assert_int_equal(pread(fileno(file), text, sizeof(text) - 1, 0), 17);
	assert_string_equal(text, "twelve byt\nwhole\n");
	fclose(file);
}

/* What is asked for is kept until it is read, in whole. */
static void prints_wait_for_their_reader(void **state)
{
	static char text[300000], read_back[sizeof(text) + 1];
	struct detour d;
	size_t len = 0;

	(void)state;
	memset(text, 'y', sizeof(text));
	assert_int_equal(pipe(d.ends), 0);
	detour_begin(&d, STDOUT_FILENO);
	alarm(10);
	assert_true(output_print(text, sizeof(text)));
	assert_false(output_flush(2));
	for (unsigned i = 0; i < 100 && len < sizeof(text); i++) {
		len += read_all(d.ends[0], read_back, sizeof(read_back));
		(void)output_flush(0);
	}
	assert_int_equal(len, sizeof(text));
	assert_true(output_flush(0));
	alarm(0);
	detour_end(&d);
}

/* Where no description of our own can be had, it is kept just the same. */
static void without_a_descriptor_prints_wait_too(void **state)
{
	static char text[200000], read_back[sizeof(text) + 1];
	struct rlimit before, none;
	struct detour d;
	size_t len = 0;

	(void)state;
	memset(text, 'y', sizeof(text));
	assert_int_equal(pipe(d.ends), 0);
	detour_begin(&d, STDOUT_FILENO);
	fcntl(d.ends[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 1, before.rlim_max }; /* poll() wants one */
	setrlimit(RLIMIT_NOFILE, &none);
	alarm(10);
	(void)output_print(text, sizeof(text));
	for (unsigned i = 0; i < 1000 && len < sizeof(text); i++) {
		len += read_all(d.ends[0], read_back, sizeof(read_back));
		(void)output_flush(0);
	}
	alarm(0);
	setrlimit(RLIMIT_NOFILE, &before);
	detour_end(&d);
	assert_int_equal(len, sizeof(text));
}

/* What was read already takes no room. */
static void what_was_read_is_not_kept(void **state)
{
	static char text[OUTPUT_KEPT_MAX / 4], read_back[sizeof(text)];
	struct detour d;
	size_t len = 0;
	bool kept;

	(void)state;
	assert_int_equal(pipe(d.ends), 0);
	detour_begin(&d, STDOUT_FILENO);
	alarm(10);
	for (unsigned i = 0; i < 4; i++)
		(void)output_print(text, sizeof(text));
	for (unsigned i = 0; i < 1000 && len < sizeof(text); i++) {
		len += read_all(d.ends[0], read_back, sizeof(read_back));
		(void)output_flush(0);
	}
	kept = output_print(text, sizeof(text));
	for (unsigned i = 0; i < 1000 && !output_flush(0); i++)
		len += read_all(d.ends[0], read_back, sizeof(read_back));
	len += read_all(d.ends[0], read_back, sizeof(read_back));
	alarm(0);
	detour_end(&d);
	assert_true(kept);
	assert_int_equal(len, 5 * sizeof(text));
}

static void what_is_kept_is_bounded(void **state)
{
	static char text[OUTPUT_KEPT_MAX / 4];
	struct detour d;

	(void)state;
	assert_int_equal(pipe(d.ends), 0);
	detour_begin(&d, STDOUT_FILENO);
	alarm(10);
	for (unsigned i = 0; i < 4; i++)
		assert_true(output_print(text, sizeof(text)));
	assert_false(output_print(text, sizeof(text)));
	/* Nobody will ever read it: it is not kept for ever. */
	signal(SIGPIPE, SIG_IGN);
	close(d.ends[0]);
	d.ends[0] = dup(d.ends[1]);
	assert_true(output_flush(0));
	alarm(0);
	detour_end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_nobody_reads_does_not_hold_us_up),
		cmocka_unit_test(a_socket_does_not_hold_us_up),
		cmocka_unit_test(what_is_lost_is_told_later),
		cmocka_unit_test(a_full_disk_is_told_as_one),
		cmocka_unit_test(a_part_of_a_line_is_no_line),
		cmocka_unit_test(prints_wait_for_their_reader),
		cmocka_unit_test(without_a_descriptor_prints_wait_too),
		cmocka_unit_test(what_was_read_is_not_kept),
		cmocka_unit_test(what_is_kept_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
