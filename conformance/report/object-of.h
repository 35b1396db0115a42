// SPDX-License-Identifier: MIT
// The objects of which json and ndjson are made.
#pragma once

#include "conformance/report/object.h"
#include "conformance/report/report.h"

/* Tool, schema and profile: what is known ahead of the run. */
json *vw_object_of_head(const struct vw_report *report);
/* Adds to O what the run as a whole came to. */
void vw_object_add_run(json **o, const struct vw_report *report);
json *vw_object_of_finding(const struct vw_report *report, const struct vw_finding *f);
/* In the order of the console; the first of each is the one that it shows. */
json *vw_object_of_groups(const struct vw_groups *groups);
