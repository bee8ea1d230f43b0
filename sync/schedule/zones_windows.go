package schedule

import _ "time/tzdata" // Windows has no time zones by name
