//! Whether a person or a machine was at it, by what the user agent says of itself.
//!
//! Mail services fetch images before anybody looks, or in place of whoever looks; security gateways follow every link
//! of a mail to see where it leads. Such an open or click tells nothing about the lead, so it weighs nothing. A scanner
//! that poses as a browser is told by what it does instead: see `decide/scans.rs`.

/// Parts of user agents, in lower case, that only machines have.
const MACHINES: [&str; 31] = [
    // image proxies of mail services: they hide whether anybody looked
    "googleimageproxy",
    "yahoomailproxy",
    "duckduckgo-email",
    // gateways that look for malware
    "barracuda",
    "bitdefender",
    "fortiguard",
    "ironport",
    "messagelabs",
    "mimecast",
    "proofpoint",
    "sophos",
    "symantec",
    "trendmicro",
    "zscaler",
    // previews of chats and mail programs
    "bingpreview",
    "existence discovery",
    "facebookexternalhit",
    "skypeuripreview",
    "whatsapp/",
    // programs and their libraries
    "apache-httpclient",
    "curl/",
    "go-http-client",
    "guzzlehttp",
    "headlesschrome",
    "java/",
    "libwww-perl",
    "node-fetch",
    "phantomjs",
    "python",
    "reqwest",
    "wget/",
];

/// Whether a user agent is known for one that no person uses. An empty one is; whoever gets none at all must judge by
/// what that means where it is: browsers always send one.
pub fn is_machine(user_agent: &str) -> bool {
    let agent = user_agent.trim().to_ascii_lowercase();
    // Apple's Mail Privacy Protection gives nothing but this.
    if agent.is_empty() || agent == "mozilla/5.0" || agent == "mozilla/4.0" {
        return true;
    }
    MACHINES.iter().any(|machine| agent.contains(machine)) || agent.split(is_separator).any(is_robot)
}

fn is_separator(character: char) -> bool {
    !character.is_ascii_alphanumeric()
}

/// Robots name themselves so: `Slackbot`, `crawler`. Cubot makes telephones.
fn is_robot(word: &str) -> bool {
    let robot = ["bot", "crawler", "spider", "scanner"].iter().any(|ending| word.ends_with(ending));
    robot && word != "cubot"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_told_from_people() {
        let machines = [
            "",
            "  ",
            "Mozilla/5.0",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            "Barracuda Sentinel (EE)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36",
            "curl/8.5.0",
            "Wget/1.21",
            "python-requests/2.31.0",
            "Python-urllib/3.11",
            "Go-http-client/2.0",
            "Java/17.0.2",
        ];
        let people = [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
            "Thunderbird",
        ];
        for agent in machines {
            assert!(is_machine(agent), "{agent:?}");
        }
        for agent in people {
            assert!(!is_machine(agent), "{agent:?}");
        }
    }
}
