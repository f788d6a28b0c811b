#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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
		cmocka_unit_test(prints_wait_for_their_reader),
		cmocka_unit_test(what_is_kept_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
