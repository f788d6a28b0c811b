#include "bridge/admin/process_stats.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES "/proc/self/fd"

/* Where the kernel does not say how many files are open, they are counted, which takes
 * milliseconds when there are thousands. */
#define FILES_KEPT_MS 10000

static uint64_t files_count(void)
{
	DIR *folder = opendir(FILES);
	uint64_t count = 0;

	if (!folder)
		return 0;
	while (readdir(folder))
		count++;
	closedir(folder);
	/* ".", "..", and the folder itself. */
	return count > 3 ? count - 3 : 0;
}

/* From Linux 6.2 on it is the size of the folder. */
static uint64_t files_open(uint64_t now_ms)
{
	static uint64_t kept, kept_ms;
	struct stat about;

	if (stat(FILES, &about) == 0 && about.st_size > 0)
		return (uint64_t)about.st_size;
	if (kept == 0 || now_ms - kept_ms >= FILES_KEPT_MS) {
		kept = files_count();
		kept_ms = now_ms;
	}
	return kept;
}

static void write_cpu(struct exposition *e)
{
	struct timespec used;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
		return;
	exposition_begin(e, EXPOSITION_COUNTER, "process_", "cpu_seconds",
			 "user and system CPU time", NULL);
	exposition_seconds(e, NULL, 0,
			   (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000);
}

static void write_memory(struct exposition *e)
{
	unsigned long long all, resident;
	FILE *stream = fopen("/proc/self/statm", "re");
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	bool read = stream && fscanf(stream, "%llu %llu", &all, &resident) == 2;

	if (stream)
		fclose(stream);
	if (!read)
		return;
	exposition_begin(e, EXPOSITION_GAUGE, "process_", "virtual_memory_bytes", "virtual memory",
			 NULL);
	exposition_unsigned(e, NULL, 0, all * page);
	exposition_begin(e, EXPOSITION_GAUGE, "process_", "resident_memory_bytes", "memory in RAM",
			 NULL);
	exposition_unsigned(e, NULL, 0, resident * page);
}

static void write_files(struct exposition *e, uint64_t now_ms)
{
	uint64_t open = files_open(now_ms);
	struct rlimit limit;

	if (open > 0) {
		exposition_begin(e, EXPOSITION_GAUGE, "process_", "open_fds", "open files", NULL);
		exposition_unsigned(e, NULL, 0, open);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		exposition_begin(e, EXPOSITION_GAUGE, "process_", "max_fds",
				 "files that may be open", NULL);
		exposition_unsigned(e, NULL, 0, limit.rlim_cur);
	}
}

void process_stats_write(struct exposition *exposition, uint64_t started_ms, uint64_t now_ms)
{
	write_cpu(exposition);
	write_memory(exposition);
	write_files(exposition, now_ms);
	exposition_begin(exposition, EXPOSITION_GAUGE, "process_", "start_time_seconds",
			 "when the server started, in seconds since 1970", NULL);
	exposition_seconds(exposition, NULL, 0, started_ms);
}
