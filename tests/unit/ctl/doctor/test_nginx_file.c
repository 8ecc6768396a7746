#include "../../../../src/ctl/doctor/nginx_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../arena.h"
#include "../../unit.h"

static char folder[64];

static int make_folder(void **state)
{
	strcpy(folder, "/tmp/nginx_file.XXXXXX");
	return mkdtemp(folder) ? setup(state) : -1;
}

static const char *named(const char *name)
{
	static char path[2][128];
	static int at;

	at = !at;
	snprintf(path[at], sizeof(path[at]), "%s/%s", folder, name);
	return path[at];
}

static int remove_folder(void **state)
{
	unlink(named("main"));
	unlink(named("part"));
	rmdir(folder);
	return teardown(state);
}

static void put(const char *name, const char *text)
{
	FILE *out = fopen(named(name), "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static struct nginx_file read_main(const char *text)
{
	struct nginx_file n;

	put("main", text);
	assert_null(nginx_file_read(named("main"), arena, &n));
	return n;
}

static void what_has_to_fit_is_read(void **state)
{
	(void)state;
	struct nginx_file n = read_main(
		"user www-data; # pid /comment;\nworker_processes 4;\nworker_rlimit_nofile 9000;\n"
		"events { worker_connections 4096; }\n"
		"http {\n upstream dialtone_api { server \"unix:/run/a b.sock\"; }\n"
		" server { listen [::]:443 ssl default_server; server_name _; return 444; }\n"
		" server { listen 443 ssl; server_name a.example *.b.example;\n"
		"  ssl_certificate '/etc/ssl/it\\'s'; location / { fastcgi_pass dialtone_api; } "
		"}\n}\n");

	assert_string_equal(n.user, "www-data");
	assert_null(n.pid);
	assert_int_equal(n.workers, 4);
	assert_int_equal(n.files, 9000);
	assert_int_equal(n.connections, 4096);
	assert_string_equal(
		nginx_upstream_find(&n, "dialtone_api")->places[0], "unix:/run/a b.sock");
	assert_int_equal(n.server_count, 2);
	assert_true(n.servers[0].listens[0].default_server && n.servers[0].listens[0].tls);
	assert_false(n.servers[0].is_ours);
	assert_true(n.servers[1].is_ours);
	assert_string_equal(n.servers[1].certificate, "/etc/ssl/it's");
}

static void names_fit_as_nginx_takes_them(void **state)
{
	(void)state;
	struct nginx_file n =
		read_main("http { server { server_name a.example *.b.example .c.example; } }");
	const struct nginx_server *s = &n.servers[0];

	assert_true(nginx_server_has_name(s, "A.example"));
	assert_true(nginx_server_has_name(s, "x.b.example"));
	assert_false(nginx_server_has_name(s, "b.example"));
	assert_true(nginx_server_has_name(s, "c.example"));
	assert_true(nginx_server_has_name(s, "x.c.example"));
	assert_false(nginx_server_has_name(s, "d.example"));
}

static void included_files_stand_where_they_are_included(void **state)
{
	(void)state;
	put("part", "server { listen 1; fastcgi_pass dialtone_api; }\nworker_processes 9;\n");

	struct nginx_file n = read_main("worker_processes 2; http { include par*; }");

	assert_int_equal(n.workers, 2);
	assert_int_equal(n.server_count, 1);
	assert_string_equal(n.servers[0].file, named("part"));
}

static void file_that_includes_itself_ends(void **state)
{
	(void)state;
	struct nginx_file n =
		read_main("events { worker_connections 7; }\ninclude main;\ninclude main;");

	assert_int_equal(n.connections, 7);
}

static void servers_of_others_are_not_ours_to_count(void **state)
{
	(void)state;
	struct nginx_file n = read_main("stream { server { listen 1; } upstream x { server y; } }");

	assert_int_equal(n.server_count, 0);
	assert_int_equal(n.upstream_count, 0);
}

static void text_that_is_cut_or_nonsense_is_passed_over(void **state)
{
	(void)state;
	static const char *const texts[] = { "http { server { listen \"", "}}}}", "{{{{{{", ";;;;",
		"\\", "http { server {", "a\\", "# only", "events { worker_connections x; }" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		read_main(texts[i]);
}

static void what_is_no_regular_file_is_not_waited_for(void **state)
{
	(void)state;
	struct nginx_file n;

	assert_int_equal(mkfifo(named("part"), 0600), 0);
	assert_string_equal(nginx_file_read(named("part"), arena, &n), "it is no regular file");
	assert_string_equal(nginx_file_read(folder, arena, &n), "it is no regular file");
	assert_string_equal(nginx_file_read("/dev/zero", arena, &n), "it is no regular file");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_has_to_fit_is_read),
		TEST(names_fit_as_nginx_takes_them),
		TEST(included_files_stand_where_they_are_included),
		TEST(file_that_includes_itself_ends),
		TEST(servers_of_others_are_not_ours_to_count),
		TEST(text_that_is_cut_or_nonsense_is_passed_over),
		TEST(what_is_no_regular_file_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
