"""Message patterns from which synthetic training logs are made, one a line.

A variable is ``{CATEGORY:kinds}``: its category and the kinds of values it takes (see
`valb.synthetic`), one of which is drawn per template. ``[a|b]`` is one of several wordings.
None is taken from a real log. The first part was written before the labelled systems' errors were
looked at; the part after ``# second part`` afterwards, for kinds of statement that were weak.
"""

# ruff: noqa: E501  # one phrase a line is easier to read and to add to

PHRASES = tuple(
    """\
[Accepted|New|Opened|Refused|Dropped] [connection|session|client] from {LOI:ip/addr/host}
[Accepted|New] connection [|#]{OID:int} from {LOI:ip} port {LOI:port}
Connection to {LOI:addr/host} [closed|lost|established|reset] after {TDA:int} [ms|seconds|milliseconds]
Connection to {LOI:addr} timed out after {TDA:msunit/secunit}
[Closing|Opening|Removing|Creating] [session|transaction|handle|ticket] {OID:id/hex/uuid}
[Session|Client] {OID:id/hex/uuid} [expired|closed|registered|established|not found]
Session {OID:hex} with [negotiated |]timeout {TDA:int} for client {LOI:addr}
User {OBN:user} [logged in|logged out|authenticated|denied] from {LOI:ip/host}
[login|password check|sudo|access] [failed|denied|granted] for user {OBN:user}
[Added|Removed|Created|Deleted|Disabled] [user|account|role|group] {OBN:user}
{OBN:user} : TTY={LOI:tty} ; PWD={LOI:path} ; USER={OBN:user} ; COMMAND={LOI:path}
[Permission denied|Access denied] for {OBN:user} on {LOI:path}
[Starting|Stopping|Started|Stopped|Restarting|Reloading] [service|daemon|component|module|plugin] {OBN:service/class}
[service|Service|process] {OBN:service} [is running|stopped|exited|entered failed state]
[Process|process|child] {OID:int} [exited|died|terminated] with [code|status|exit code] {STC:smallint}
[Worker|worker|thread|Thread|executor] {OID:int} [started|finished|idle|blocked|is waiting]
[Started|Spawned] [worker|process|child] [with pid|pid] {OID:int}
child {OID:int} killed by signal {STC:smallint}
[Task|Job|Stage|Container|Attempt|Order|Request] {OID:id/uuid/int} [failed|completed|submitted|started|is done|was cancelled]
[Submitting|Finished|Cancelling|Launching|Killing|Scheduling] [task|job|container|stage|query] {OID:id/uuid}
[task|Task|job|Job] {OID:id} [finished|completed] in {TDA:int} ms
[Assigned|Moved|Sent] [task|container|block] {OID:id} to [node|host|server] {LOI:host/addr}
[Registered|Lost|Added|Removed] [node|worker|executor|broker|replica] {OID:id/int} [on|at|with host] {LOI:host/addr}
[Retrying|retrying] [request|connection|operation] [to|on] {LOI:addr/url}, attempt {OBA:smallint} of {OBA:smallint}
[Will retry|Retrying|retry|Sleeping] in {TDA:int} [ms|seconds|sec]
[Already tried|tried|Gave up after] {OBA:smallint} [times|time(s)|attempts|retries]
[Loaded|Read|Wrote|Processed|Inserted|Deleted|Fetched|Found|Skipped] {OBA:int} [records|rows|files|entries|items|keys|messages|objects] in {TDA:int} ms
[Loaded|Read|Found|Processed|Sent|Received] {OBA:int} [records|rows|files|entries|messages|events|packets|errors]
[Loaded|Read|Found|Processed] {OBA:int} [records|rows|files|entries] from {LOI:path/url}
{OBA:int} [errors|warnings|files|nodes|requests|exceptions|packets|interrupts|jobs] [found|detected|processed|pending|lost]
{OBA:int} of {OBA:int} [tasks|chunks|shards|files] [completed|done|processed]
[progress|Progress|Completed|completed]: {OBA:percent/float}
[Allocated|Reserved|Freed|Read|Wrote|Sent|Received|Transferred] {CRS:int} bytes
[Allocated|Reserved|Freed|using|limit is] {CRS:sizeunit}
{CRS:int} bytes [sent|received|read|written], {CRS:int} bytes [sent|received|read|written]
[memory|heap|buffer|cache|disk] [usage|size|limit|used] {CRS:sizeunit/int} [of|out of|/] {CRS:sizeunit/int}
[Memory|Heap|Cache|Buffer]: {CRS:sizek} [total|available|used], {CRS:sizek} [free|reserved|cached]
[file|File|segment|block] {LOI:path} [of size|size|length] {CRS:int}
[Reading|Writing|Opening|Loading|Deleting|Creating|Removing|Mounting|Compacting] [file|config|directory|log|segment|checkpoint] {LOI:path}
[Failed to|Cannot|Could not|Unable to|cannot] [open|read|write|stat|delete|load|find|parse|create] [file |directory |]{LOI:path}: [No such file or directory|Permission denied|Input/output error|Is a directory|Invalid argument|No space left on device]
[Failed to|Cannot|Could not|Unable to] [connect to|resolve|reach|contact|bind to] {LOI:addr/host}: [Connection refused|Connection reset by peer|Network is unreachable|No route to host|Name or service not known|Connection timed out]
[error|Error|failed|failure] [code|with code|with status|errno] {STC:smallint/neg/hexcode}
[request|Request|call] failed with [status|code|error] {STC:http/smallint}
[returned|returning|exited with|result] [error|status|code] {STC:smallint/neg/hexcode}
{LOI:ip} "{TID:verb} {LOI:urlpath} {OTP:http}" status: {STC:http} len: {CRS:int} time: {TDA:float}
"{TID:verb} {LOI:urlpath}" {STC:http} {CRS:int} {TDA:float}
{LOI:ip} - - [{TDA:date}] "{TID:verb} {LOI:urlpath} {OTP:http}" {STC:http} {CRS:int}
{TID:exception}: [could not acquire lock|connection closed|stream ended|must run in main thread|null value]
[Caught|Got|Unexpected|Ignoring] exception {TID:exception} [while|when] [reading|writing|serving|processing] {OID:id}
[Exception|error] in [thread|task] {OBN:service/thread}: {TID:exception}
[Thread|thread] {OBN:thread} [interrupted|started|waiting for lock]
[received|handling|ignoring|unknown] [event|message|command|signal|action] [type |]{TID:state/event}
[received|sending|unknown|unsupported] [message|packet|frame] type {TID:smallint}
[version|Version|release|revision] {OTP:version} [starting|started|loaded|initialized]
[Starting|Running|Loaded|Using] [server|client|driver|library|kernel|program] [version |v]{OTP:version}
[server|agent|driver] {OTP:version} [ready|loaded|started] (build {OTP:int})
[temperature|Temperature|voltage|Voltage|fan speed|speed|humidity|brightness] [is|=|:|reading] {OTP:int/float/tempc}
[temperature|voltage|speed] {OTP:int/float} exceeds [limit|threshold] {OTP:int/float}
[listening|Listening|listen|bound] on [port|tcp port|udp port] {LOI:port}
[listening|Listening|bound] [on|to] {LOI:addr/ip/url}
[server|Server] [started|running|ready] [on|at] {LOI:addr/url/port} in {TDA:msunit/secunit}
[using|Using|set|Setting|loading] [property|option|setting|parameter] {OBN:dotted/word} = {OTP:int/word}
[ignoring|Ignoring|missing|Missing|unknown|Unknown] [property|option|setting|key|field|column] {OBN:dotted/word}
[set|Setting] [timeout|delay|interval|period] to {TDA:int/msunit/secunit}
[uptime|up for|elapsed|took|waited|slept|blocked for] {TDA:int/float/msunit/secunit/hms}
took {TDA:int/float} [ms|seconds|milliseconds|us|s] to [complete|finish|start|load|flush|respond]
[Started at|started at|last seen|since|until|expires at|scheduled for] {TDA:datetime/epoch/ctime}
[date|timestamp|time] {TDA:datetime/epoch/ctime} [is in the future|is too old|rejected]
[Election|leader|Leader|master] [is|elected] {OID:int} [epoch|term] {OID:int}
[received|sent|replayed] [zxid|offset|lsn|sequence number|seq|ack] {OID:hex/int/bigint}
[commit|Commit|rollback|begin] [transaction|txn|xid] {OID:int/hex/uuid}
[interface|link|adapter] {OBN:iface} [is up|is down|changed state|link up|has no address]
[device|disk|drive] {LOI:dev} [attached|removed|failed|not ready|is full]
[registers|interrupt|fault|trap|exception] at [address|addr|pc] {LOI:hexaddr}
{LOI:hexaddr}-{LOI:hexaddr} ([reserved|usable|mapped])
[node|card|slot|rack|chip|link] {LOI:hwpos} [is down|not responding|failed|recovered|has errors]
[cpu|CPU|core|processor]#{OID:smallint} [online|offline|stuck|enabled]
[cpu|core|processor] {OID:smallint} [online|offline|stuck|temperature above threshold]
irq {OID:smallint} [assigned|routed|disabled] [to|for] [device ]{OBN:service/iface}
[line|at line] {LOI:int} of [file |]{LOI:path}
[worker|queue|session|main|page_alloc|Scheduler].[c|cpp|java|py|go]:{LOI:int}: [assertion failed|warning|note|error|retrying]
([worker|queue|session|main|page_alloc|Scheduler].[c|cpp|java|py|go]:{LOI:int}) [assertion failed|warning|note|error|retrying]
[[worker|queue|session|main|sweep].[c|cpp|py|go]:{LOI:int}]: [no change|assertion failed|warning|note|error]
[debug|Debug|verbose|tracing|encryption|compression|checkpointing] [is|:|=] {SID:bool/onoff}
[feature|option|flag] {OBN:dotted/word} [is|set to|=] {SID:bool/onoff/bit}
flags [=|:]{SID:hexflag/bit}
[queue|topic|table|index|database|bucket|pool|cache|partition] {OBN:word/dotted} [created|dropped|is empty|is full|not found|opened|flushed]
[flushing|Flushing|Compacting|Dropping|Creating|Scanning] [queue|topic|table|index|region|bucket] {OBN:word/dotted}
[package|class|bean|handler|servlet|filter] {OBN:class} [loaded|not found|registered|initialized|deprecated]
[Registering|Loading|Initializing|Destroying|Invoking] [class|bean|handler|listener] {OBN:class}
[calling|Calling|caller|called by|invoked by] {OBN:class/func}
[block|chunk|object|segment] {OID:id/hex} [replicated|deleted|corrupt|received|verified] [from|to|on] {LOI:ip/addr}
[device|client|peer|station] {OID:mac} [associated|disconnected|joined|authenticated]
[lease|DHCP|offer] {LOI:ip} to {OID:mac} [via|on] {OBN:iface}
[email|mail|message] {OID:id} from {OBN:email} to {OBN:email} [queued|sent|bounced], size {CRS:int}
[sending|Sending|delivered|queued] [mail|message|notification] to {OBN:email}
[query|Query|statement] took {TDA:int/float} ms: {OTP:sql}
[executing|Executing|running] [query|statement] {OTP:sql}
[step|steps|count|calories|score|level] {OBA:int} [updated|saved|reported]
[position|point|location|bounds] ({OTP:int}, {OTP:int})
[position|scroll|size] x={OTP:int/float}, y={OTP:int/float}
[width|screen] {OTP:int} x {OTP:int}
[priority|weight|ratio|factor|threshold|scale|rank] [=|:|is] {OTP:int/float}
[Reason|reason|cause|Cause]: {TID:state/exception}
[Reason|reason|cause] code {STC:smallint}
[protocol|Protocol|family|scheme] {TID:proto/smallint} [registered|not supported|enabled]
{OBA:int} [total|active|idle|pending|failed] [connections|threads|sessions|requests|jobs|pages]
[total|Total] of {OBA:int} [errors|connections|objects|pages] ([in|over] {TDA:int} [seconds|ms])
[Done|Finished|Complete|done]
[Initializing|initializing|Starting|starting] [subsystem|kernel|driver|cache|scheduler|manager|network]
[Shutting down|shutdown|Shutdown] [complete|requested|in progress|now]
[configuration|cache|index|database|connection pool] [loaded|initialized|refreshed|is empty|is corrupt]
[no|No] [route|device|server|configuration|backup|data] [found|available|configured|specified]
[received|got|sent] [heartbeat|ping|keepalive|ack|request|response] [from|to] [the |][server|master|leader|peer]
[Using|using] [default|built-in|fallback] [settings|configuration|codec|locale|time source]
[task|job|container|connection|node] {OID:id} [transitioned|moved|changed] from [NEW|INIT|READY|IDLE] to [RUNNING|DONE|FAILED|CLOSED]
[Process|process|program] {LOI:path} [dumped|wrote|writing] [core to |]core.{LOI:int}
[dumping|wrote|created] core.{LOI:int}
[Lease|lease|lock|token] [for|of|held by] [client |]{OID:bigid/id} [expired|renewed|lost|released]
[Failed to|Unable to] [renew|acquire|release] [lease|lock|token] for {OID:bigid/id} for {TDA:int} seconds
[progress|Progress] of [task|job|copy|rebuild] {OID:id/bigid} is {OBA:float/percent}
[Application|application|query|job|Job|query] {OID:id/bigid} [finished|failed|killed|accepted|is running]
[Resolved|resolved|Mapped|mapped] {LOI:host} to {LOI:ip/rack}
[Address|address|leader|master] changed: old {LOI:addr}, new {LOI:addr}
[size|length|number] of {OBN:word} is {OBA:int}
[Container|container|pod|VM|instance] {OID:uuid/bigid/id} [on|at] [host|node] {LOI:host} [is|was] [ready|lost|stopped]
[ip|sp|lr|fp|ra|eip|rip|cr2|stack pointer|program counter|return address|fault address][:| =| |]{LOI:hexaddr}
[pc|eip|rip|ip] {LOI:hexaddr} [sp|esp|rsp|bp] {LOI:hexaddr}
[trap|fault|exception|segfault] at {LOI:hexaddr} [pc|ip|rip] {LOI:hexaddr} [sp|rsp] {LOI:hexaddr} error {STC:smallint}
[control|status|debug|feature|machine state] register[:| =|]{OTP:hexaddr/hexflag}
[parity|ecc|memory|bus] error at [address |]{LOI:hexaddr}, [mask|bits|lanes] {SID:hexflag}
[dimm|bank|lane|channel|socket] {LOI:smallint} [failed|disabled|has corrected errors]
[Kernel|kernel|driver|Monitor] [detected|reported|counted] {OBA:int} [faults|alignment errors|bad pages|overruns]
[module|plugin|filter|source|feed|collector] [{OBN:word/service}] [loaded|skipped|is stale|did not answer]
[clock|time|system clock] [synchronized|synced|adjusted] to {LOI:ip/host}, [level|precision|quality|poll] {OTP:smallint}
[time|clock] [reset|stepped|slewed] {TDA:float/neg} [s|sec|seconds]
[disconnected|closed|rejected] by {LOI:ip}: {STC:smallint}: [closed by user|normal shutdown|too many errors|idle]
[error|reply|answer] from {LOI:ip/host}: {STC:smallint/http} [no such mailbox|try again later|not found|refused]
[state|State|mode|phase][:| is|=|: ]{STC:smallint}
[state|State|mode|phase] changed from {TID:state} to {TID:state}
[current|new|target|applied] state: {STC:smallint}, [package|unit|feature|update]: {OBN:dotted/class}
[package|unit|feature|update] {OBN:dotted/class} [installed|removed|queued|is applicable|cached], [state|status]: {STC:smallint}
[handle|object|cookie|context] @{OID:hex} [opened|closed|leaked|released]
[call|step|stage|phase|sequence] {OID:smallint/int}: [started|done|rolled back|begin|end]
[attempt|unit|step] {OID:floatid} of [group|phase|batch] {OID:floatid/int} [started|finished|lost] ([id|no|uid] {OID:int})
[Started|Finished|Reading|Writing|Fetching|Dropping] [variable|record|snapshot|chunk|partition|piece] {OID:int/id}
[Reading|Fetching|Writing|Loading] [variable|snapshot|chunk|partition] {OID:int} took {TDA:int} [ms|s|us]
[{OID:int}] [command|request|job] [accepted|done|failed]
[command|request|job|task|operation] {OID:int} [accepted|done|failed|queued|on hold]
[accepted|halt|start|stop|cancel|reset] ([command|request|job] {OID:int})
[chunk|object|page|entry] {OID:id/int} [kept|stored|cached] ([size|estimated size|needs] {CRS:sizeunit}, [free|left|remaining] {CRS:sizeunit})
[brightness|volume|zoom|alpha|opacity|rotation|angle|speed] [from|target|to|is|=] {OTP:int/float/fraction}
[brightness|volume|zoom|alpha]: from={OTP:int/float}, to={OTP:int/float}, step={OTP:int/float}
[fan|pump|motor|rotor] [speed|speeds|rpm] [(|: |= ]{OTP:int} {OTP:int} {OTP:int}
[battery|ambient|inlet|cpu|disk] temperature[: | is |=]{OTP:int/float/tempc}
[key|button|gesture|touch|input] [code |]{OID:smallint} [down|up|cancelled|pressed], [result|handled][: |=]{STC:smallint}
[padding|margin|offset|inset|height|width|top|left] [is|=|:] {OTP:int/float/neg}
[bounds|rect|frame|window|region] [(|=(|: (]{OTP:int}, {OTP:int} - {OTP:int}, {OTP:int})
[channel|band|frequency] [set|changed] to {OID:smallint}
[country|locale|language|region] [set|changed] to {TID:word2}
[report|sample|reading|measurement]: {OTP:int}
[wake|sleep|suspend|resume] reason: {TID:state/event}
[service|agent|job] {OBN:dotted/service} [asked|told|scheduled] to run; [starts|runs again] in {TDA:int} [s|seconds|ms]
{OBN:service/dotted}({OID:int}) [denied|allowed|blocked] [access|connection|read] [to|on] {LOI:path}
{OBN:service}[{OID:int}]: [exited|started|crashed]
[sandbox|policy|firewall]: {OBN:service}({OID:int}) deny({STC:bit}) {LOI:path}
[view|window|surface|activity|widget] {OBN:class} [shown|hidden|destroyed|resumed] by {OBN:class/func}
[pid|process] {OID:int} ({OBN:service/dotted}) [frozen|killed|died|adj {OTP:int}]
[queue|mail|msg] {OID:hexid}: from={OBN:email}, size={CRS:int}, count={OBA:smallint}, id={OID:bigid}
[queue|mail|msg] {OID:hexid}: to={OBN:email}, delay={TDA:hms/int}, priority={OTP:int}, relay={LOI:host}, status={STC:version}
({OBN:user}) [ran|runs|exec|command] ({LOI:path})
[cpu|irq|IRQ|vector|line|timer]{OID:smallint} [routed|enabled|masked] (level, high)
[device|bus|slot] {LOI:pci} [on|using|assigned] [irq|IRQ|vector] {OID:smallint}
[serial|console|modem|printer] at {LOI:dev} ([irq|IRQ] = {OID:smallint}) is a {OTP:word2}
[socket|file descriptor|fd|port handle] {OID:smallint} [closed|leaked|is ready]
[connection|session] to {LOI:addr} [lost|failed] [after {OBA:smallint} tries|]: [error|code] {STC:neg/smallint}
[Listening|waiting|serving] [with|using] {OBA:smallint} [threads|workers|processes]
[resources|limits|request|ask]: <[mem|memory|ram]:{CRS:int}, [cpus|cores|vcpus]:{CRS:smallint}>
[Downloaded|Uploaded|Synced|Copied] {CRS:sizeunit/int} [bytes |]in {TDA:float/msunit/secunit} ([rate |]{CRS:sizeunit}/s)
[version|build|revision|release] {OTP:version} ([built|date|from] {TDA:date/ctime/datetime})
[file|report|archive|backup]s older than {TDA:smallint} [days|hours|weeks] [deleted|removed|archived]
[user|group|role] {OBN:user} (uid={OID:int}, gid={OID:int}) [added|removed|logged in]
[update|upgrade|migration] from {OTP:version} to {OTP:version} [started|done|failed with {STC:hexcode}]
[total|Total] {OBA:int}, [ok|passed] {OBA:int}, [failed|skipped] {OBA:int}
[thread pool|executor|pool] {OBN:word}: [active|busy] {OBA:smallint}, [idle|free] {OBA:smallint}, [queued|waiting] {OBA:int}
[slow|long] [query|request|operation] ({TDA:int/float/msunit}): {OTP:sql}
[hash|checksum|digest|etag] {OID:hex/uuid/hexid} [matches|differs|missing]
[domain|cluster|realm|zone|tenant] {OBN:word/dotted} [is |]served by [node |server |]{LOI:host}
[route|hop|path|link] = {LOI:hex/int} [port|lane] = {LOI:smallint} [up|down] = {SID:bit}
[tier|storage level|class of service|profile] {TID:state} [selected|requested|in force]
[exit|halt|reboot|shutdown] [reason|cause]: {TID:word2} ({STC:smallint})
[sector|track|page|offset] {LOI:int/bigint} [of|on] [device |]{LOI:dev} [unreadable|remapped]
[signal|SIG|signal number] {STC:smallint} [caught|received|ignored]
""".splitlines()
)
