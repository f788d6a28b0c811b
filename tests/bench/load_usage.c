#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/bench/load.h"

/* ---- histograms: 64 steps for each power of two ---- */

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	unsigned shift = ns < 64 ? 0 : 58u - (unsigned)__builtin_clzll(ns);
	uint64_t step = shift * UINT64_C(64) + (ns >> (shift ? shift - 1 : 0));
	/* For ns >= 64 the leading bit makes ns >> (shift - 1) 64 .. 127. */
	if (shift)
		step -= 64;
	histogram->steps[step < HISTOGRAM_STEPS ? step : HISTOGRAM_STEPS - 1]++;
	histogram->count++;
	if (ns > histogram->greatest)
		histogram->greatest = ns;
}

static uint64_t step_value(uint64_t step)
{
	uint64_t shift = step / 64;
	if (!shift)
		return step;
	return ((64 + step % 64) << (shift - 1)) + ((UINT64_C(1) << (shift - 1)) >> 1);
}

uint64_t histogram_part(const struct histogram *histogram, double part)
{
	uint64_t below = (uint64_t)(part * (double)histogram->count), seen = 0;
	for (uint64_t step = 0; step < HISTOGRAM_STEPS; step++) {
		seen += histogram->steps[step];
		if (seen > below)
			return step_value(step);
	}
	return histogram->greatest;
}

/* ---- processes ---- */

static void add_thread(struct usage *usage, const char *folder, const char *thread)
{
	char path[320];
	unsigned long long ran, waited;
	FILE *file;
	snprintf(path, sizeof path, "%s/task/%s/schedstat", folder, thread);
	file = fopen(path, "r");
	if (!file)
		return;
	if (fscanf(file, "%llu %llu", &ran, &waited) == 2) {
		usage->run_ns += ran;
		usage->wait_ns += waited;
	}
	fclose(file);
}

static uint64_t resident(const char *folder)
{
	char path[320];
	unsigned long all, resident_pages = 0;
	FILE *file;
	snprintf(path, sizeof path, "%s/statm", folder);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%lu %lu", &all, &resident_pages) != 2)
		resident_pages = 0;
	fclose(file);
	return resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct usage usage_of(int pid)
{
	struct usage usage = { 0 };
	char folder[32], tasks[48];
	struct dirent *entry;
	DIR *list;
	snprintf(folder, sizeof folder, pid ? "/proc/%d" : "/proc/self", pid);
	snprintf(tasks, sizeof tasks, "%s/task", folder);
	list = opendir(tasks);
	if (!list)
		return usage;
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.')
			add_thread(&usage, folder, entry->d_name);
	closedir(list);
	usage.rss = resident(folder);
	return usage;
}
