#include "bridge/backend_test.h"
#include "bridge/trial.h"
bool backend_test(const struct arguments *arguments, FILE *out)
{
	(void)arguments;
	(void)out;
	return false;
}
bool trial_run(const struct conf *conf, const struct arguments *arguments, FILE *out, FILE *errors)
{
	(void)conf;
	(void)arguments;
	(void)out;
	(void)errors;
	return false;
}
