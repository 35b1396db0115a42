// SPDX-License-Identifier: MIT
// Looking up rules, classes and who is hurt.
#include <strings.h>

#include "conformance/gate/rules.h"

const struct vw_gate_rule *vw_gate_rule_find(const char *code)
{
    for (size_t i = 0; i < vw_gate_rule_count; i++)
        if (strcasecmp(vw_gate_rules[i].code, code) == 0)
            return &vw_gate_rules[i];
    return NULL;
}

const char *vw_gate_class_name(enum vw_gate_class class)
{
    static const char *const names[] = {
        [VW_GATE_ERROR] = "error",   [VW_GATE_WIRE] = "wire",       [VW_GATE_LIMIT] = "limit",
        [VW_GATE_SEC] = "sec",       [VW_GATE_BEHAV] = "behav",     [VW_GATE_SOURCE] = "source",
        [VW_GATE_POLICY] = "policy", [VW_GATE_PRIVATE] = "private", [VW_GATE_OK] = "ok",
    };
    return names[class];
}

const char *vw_gate_whom_text(enum vw_gate_whom whom)
{
    static const char *const texts[] = {
        [VW_HURTS_BOTH] = "old peers with new ones, whichever of the two is the server",
        [VW_HURTS_SHRUNK] = "new readers refuse what old writers send",
        [VW_HURTS_GROWN] = "old readers refuse what new writers send",
        [VW_HURTS_BUILD] = "programs that are compiled against it",
        [VW_HURTS_PEOPLE] = "nobody on the wire: it is for whoever reads the change",
    };
    return texts[whom];
}
