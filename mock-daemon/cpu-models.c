// SPDX-License-Identifier: MIT
#include "mock-daemon/cpu-models.h"

#include <string.h>

#include "mock-daemon/object.h"

static const struct vw_string x86[] = {
    VW_STRING("486"),
    VW_STRING("pentium"),
    VW_STRING("pentium2"),
    VW_STRING("pentium3"),
    VW_STRING("pentiumpro"),
    VW_STRING("coreduo"),
    VW_STRING("n270"),
    VW_STRING("core2duo"),
    VW_STRING("qemu32"),
    VW_STRING("kvm32"),
    VW_STRING("cpu64-rhel5"),
    VW_STRING("cpu64-rhel6"),
    VW_STRING("qemu64"),
    VW_STRING("kvm64"),
    VW_STRING("Conroe"),
    VW_STRING("Penryn"),
    VW_STRING("Nehalem"),
    VW_STRING("Nehalem-IBRS"),
    VW_STRING("Westmere"),
    VW_STRING("Westmere-IBRS"),
    VW_STRING("SandyBridge"),
    VW_STRING("SandyBridge-IBRS"),
    VW_STRING("IvyBridge"),
    VW_STRING("IvyBridge-IBRS"),
    VW_STRING("Haswell-noTSX"),
    VW_STRING("Haswell-noTSX-IBRS"),
    VW_STRING("Haswell"),
    VW_STRING("Haswell-IBRS"),
    VW_STRING("Broadwell-noTSX"),
    VW_STRING("Broadwell-noTSX-IBRS"),
    VW_STRING("Broadwell"),
    VW_STRING("Broadwell-IBRS"),
    VW_STRING("Skylake-Client"),
    VW_STRING("Skylake-Client-IBRS"),
    VW_STRING("Skylake-Client-noTSX-IBRS"),
    VW_STRING("Skylake-Server"),
    VW_STRING("Skylake-Server-IBRS"),
    VW_STRING("Skylake-Server-noTSX-IBRS"),
    VW_STRING("Cascadelake-Server"),
    VW_STRING("Cascadelake-Server-noTSX"),
    VW_STRING("Icelake-Client"),
    VW_STRING("Icelake-Client-noTSX"),
    VW_STRING("Icelake-Server"),
    VW_STRING("Icelake-Server-noTSX"),
    VW_STRING("Cooperlake"),
    VW_STRING("Snowridge"),
    VW_STRING("athlon"),
    VW_STRING("phenom"),
    VW_STRING("Opteron_G1"),
    VW_STRING("Opteron_G2"),
    VW_STRING("Opteron_G3"),
    VW_STRING("Opteron_G4"),
    VW_STRING("Opteron_G5"),
    VW_STRING("EPYC"),
    VW_STRING("EPYC-IBPB"),
    VW_STRING("EPYC-Rome"),
    VW_STRING("EPYC-Milan"),
    VW_STRING("Dhyana"),
};
static const struct vw_string ppc64[] = {
    VW_STRING("POWER6"),        VW_STRING("POWER7"),  VW_STRING("POWER8"),
    VW_STRING("POWER9"),        VW_STRING("POWER10"), VW_STRING("POWERPC_e5500"),
    VW_STRING("POWERPC_e6500"),
};

#define KNOWN(list) .known = true, .models = (list), .count = sizeof(list) / sizeof((list)[0])

static const struct vw_cpu_arch archs[] = {
    {"aarch64", .known = true},
    {"alpha"},
    {"armv6l", .known = true},
    {"armv7b", .known = true},
    {"armv7l", .known = true},
    {"cris"},
    {"i686", KNOWN(x86)},
    {"ia64"},
    {"lm32"},
    {"m68k"},
    {"microblaze"},
    {"microblazeel"},
    {"mips"},
    {"mips64"},
    {"mips64el"},
    {"mipsel"},
    {"openrisc"},
    {"parisc"},
    {"parisc64"},
    {"ppc"},
    {"ppc64", KNOWN(ppc64)},
    {"ppc64le", KNOWN(ppc64)},
    {"ppcemb"},
    {"riscv32"},
    {"riscv64"},
    {"s390", .known = true},
    {"s390x", .known = true},
    {"sh4"},
    {"sh4eb"},
    {"sparc"},
    {"sparc64"},
    {"unicore32"},
    {"x86_64", KNOWN(x86)},
    {"xtensa"},
    {"xtensaeb"},
};

const struct vw_cpu_arch *vw_cpu_arch(const char *name)
{
    for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
        if (strcmp(archs[i].name, name) == 0)
            return &archs[i];
    }
    return NULL;
}
