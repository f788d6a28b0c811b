#include <stdio.h>

#include "tests/bench/load.h"

static double seconds(uint64_t ns)
{
	return (double)ns / (double)SECOND_NS;
}

static double per(double amount, double of)
{
	return of > 0 ? amount / of : 0;
}

static void print_latency(const struct histogram *latency)
{
	printf("\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f",
	       (double)histogram_part(latency, 0.5) / 1e3,
	       (double)histogram_part(latency, 0.99) / 1e3, (double)latency->greatest / 1e3);
}

static void print_group(const struct group *group, double time)
{
	printf("{\"name\":\"%s\",\"members\":%u,\"rooms\":%u,\"ready\":%u,\"connect_s\":%.4f,"
	       "\"server_us_per_connection\":%.2f,\"load_us_per_connection\":%.2f,"
	       "\"rss\":%llu,\"deliveries_per_s\":%.0f,\"messages_per_s\":%.1f,",
	       group->name, group->members, group->rooms, group->ready, seconds(group->connect_ns),
	       per((double)group->server_ns / 1e3, group->ready),
	       per((double)group->self_ns / 1e3, group->ready), (unsigned long long)group->rss,
	       per((double)group->delivered, time), per((double)group->published, time));
	print_latency(&group->latency);
	printf("}");
}

static void print_use(const char *name, const struct usage use[2], double time)
{
	uint64_t ran = use[1].run_ns - use[0].run_ns;
	printf("\"%s_cpu\":%.3f,\"%s_waited\":%.3f,\"%s_us_per_delivery\":%.4f,", name,
	       per(seconds(ran), time), name, per(seconds(use[1].wait_ns - use[0].wait_ns), time),
	       name, per((double)ran / 1e3, (double)run.measured_delivered));
}

static void print_checks(bool stuck)
{
	uint64_t lost = run.expected > run.delivered ? run.expected - run.delivered : 0;
	printf("\"published\":%llu,\"expected\":%llu,\"delivered\":%llu,\"lost\":%llu,"
	       "\"doubled\":%llu,\"reordered\":%llu,\"foreign\":%llu,\"disconnected\":%u,"
	       "\"stuck\":%s,",
	       (unsigned long long)run.published, (unsigned long long)run.expected,
	       (unsigned long long)run.delivered, (unsigned long long)lost,
	       (unsigned long long)run.doubled, (unsigned long long)run.reordered,
	       (unsigned long long)run.foreign, run.lost_members, stuck ? "true" : "false");
}

void report_print(const struct window *window)
{
	double time = seconds(window->ns);
	printf("{\"members\":%u,\"ready\":%u,\"seconds\":%.3f,", run.member_count, run.ready, time);
	print_checks(window->stuck);
	printf("\"bytes_per_delivery\":%.1f,",
	       per((double)window->bytes, (double)run.measured_delivered));
	printf("\"messages_per_s\":%.1f,\"deliveries_per_s\":%.0f,\"deliveries_per_read\":%.2f,",
	       per((double)run.measured_published, time), per((double)run.measured_delivered, time),
	       per((double)run.measured_delivered, (double)run.reads));
	print_use("server", window->server, time);
	print_use("load", window->self, time);
	printf("\"rss_start\":%llu,\"rss_end\":%llu,\"groups\":[",
	       (unsigned long long)window->rss_start, (unsigned long long)window->rss_end);
	for (unsigned i = 0; i < run.group_count; i++) {
		if (i)
			printf(",");
		print_group(&run.groups[i], time);
	}
	printf("]}\n");
}
