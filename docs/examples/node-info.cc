// SPDX-License-Identifier: MIT
// From C++: connects, asks what the node is, prints that.
// c++ node-info.cc $(pkg-config --cflags --libs virwire) -o node-info
#include <cstdint>
#include <cstring>
#include <iostream>
#include <memory>
#include <unistd.h>
#include <virwire/calls.h>
#include <virwire/uri.h>

namespace {

/* An arena that ends with its scope. */
struct Arena : vw_arena {
    Arena() : vw_arena VW_ARENA_INIT {}
    ~Arena() { vw_arena_finish(this); }
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;
};

int complain(const char *uri, const vw_error &err)
{
    char line[600];
    std::cerr << "node-info: " << uri << ": " << vw_error_format(&err, nullptr, line, sizeof(line)) << "\n";
    return 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::cerr << "Usage: node-info URI\n";
        return 2;
    }
    vw_error err = VW_ERROR_INIT;
    Arena arena;
    vw_uri_options where = {VW_URI_OPTIONS_INIT};
    where.uid = geteuid();
    const vw_uri *uri;
    if (vw_uri_parse(argv[1], std::strlen(argv[1]), &where, &arena, &uri, &err))
        return complain(argv[1], err);

    vw_client_options options = {VW_CLIENT_OPTIONS_INIT};
    options.timeout_ms = 10000;
    vw_client *opened;
    if (vw_client_open(uri, &options, &opened, &err))
        return complain(argv[1], err);
    const std::unique_ptr<vw_client, decltype(&vw_client_destroy)> client(opened, vw_client_destroy);

    remote_node_get_info_ret *info;
    if (vw_remote_node_get_info(client.get(), &arena, &info, &err) || vw_client_close(client.get(), &err))
        return complain(argv[1], err);
    std::cout << info->cpus << " CPUs, " << info->memory / 1024 << " MiB\n";
    return 0;
}
