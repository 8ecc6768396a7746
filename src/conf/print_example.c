/* Prints packaging/dialtone.conf.example; run by the build, not installed. */
#include <stdio.h>

#include "conf/conf.h"

int main(void)
{
	conf_example(stdout);
	return 0;
}
