//! The names that columns have in practice, and what they mean.

use pingone::Schema;

use super::header::{Attribute, Target};

/// What a column called `name` sets in an environment with `schema`; letter case, spaces, `_` and `-` do not count.
pub(super) fn target(name: &str, schema: &Schema) -> Target {
    let normal = normal(name);
    if normal.is_empty() {
        return Target::Nameless;
    }
    if name == LINE_COLUMN {
        return Target::Line;
    }
    if let Some(target) = fixed(&normal) {
        return target;
    }
    let paths = schema.importable_paths();
    // An attribute's own name is stronger than an alias, so that a custom attribute can be called `phone`.
    let exact = paths.iter().find(|path| *path == name);
    if let Some(path) = exact.or_else(|| paths.iter().find(|path| self::normal(path) == normal)) {
        return attribute(path, schema);
    }
    let alias = ALIASES.iter().find(|(_, aliases)| aliases.contains(&normal.as_str()));
    if let Some((path, _)) = alias.filter(|(path, _)| paths.iter().any(|known| known == path)) {
        return attribute(path, schema);
    }
    if is_read_only(name) { Target::Ignored } else { Target::Unknown }
}

/// Whether nobody can set the attribute at `path`, unless the schema says otherwise.
pub(super) fn is_read_only(path: &str) -> bool {
    READ_ONLY.contains(&normal(path).as_str())
}

/// The path of what a column called `name` sets.
pub(crate) fn named_attribute(name: &str, schema: &Schema) -> Option<String> {
    target(name, schema).attribute()
}

/// The attribute whose name or alias is most like `name`, if any is much like it and not `taken`.
pub(crate) fn suggest(name: &str, schema: &Schema, taken: impl Fn(&str) -> bool) -> Option<String> {
    let name = normal(name);
    let paths = schema.importable_paths();
    let named = paths.iter().map(|path| (normal(path), path.as_str()));
    let aliased = ALIASES
        .iter()
        .filter(|(path, _)| paths.iter().any(|known| known == path))
        .flat_map(|(path, aliases)| aliases.iter().map(|alias| ((*alias).to_owned(), *path)));
    let fixed =
        FIXED.iter().flat_map(|(attribute, names)| names.iter().map(|name| ((*name).to_owned(), *attribute)));
    let scored = named.chain(aliased).chain(fixed).filter(|(_, path)| !taken(path));
    let scored =
        scored.map(|(candidate, path)| (strsim::normalized_damerau_levenshtein(&name, &candidate), path));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(score, _)| *score >= ALIKE).map(|(_, path)| path.to_owned())
}

/// The column among `columns` whose name is most like `name`, if any is much like it.
pub(super) fn nearest_column(name: &str, columns: &[String]) -> Option<String> {
    let name = normal(name);
    let score = |column: &String| strsim::normalized_damerau_levenshtein(&name, &normal(column));
    let best = columns.iter().map(|column| (score(column), column));
    let best = best.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(score, _)| *score >= ALIKE).map(|(_, column)| column.clone())
}

/// Whether two names are those of one column.
pub(crate) fn same_column(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// `name` without what does not count in it.
pub(super) fn normal(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// How many of `names` are known without asking PingOne; tells the right delimiter from a wrong one.
pub(super) fn known(names: &[&str]) -> usize {
    let is_known = |name: &&&str| {
        let normal = normal(name.trim().trim_matches('"').trim());
        fixed(&normal).is_some()
            || ALIASES
                .iter()
                .any(|(path, aliases)| self::normal(path) == normal || aliases.contains(&normal.as_str()))
    };
    names.iter().filter(is_known).count()
}

fn attribute(path: &str, schema: &Schema) -> Target {
    match schema.attribute(path) {
        Some(found) => Target::Attribute(Attribute {
            path: path.to_owned(),
            kind: found.kind,
            multi_valued: found.multi_valued,
        }),
        None => Target::Unknown,
    }
}

fn fixed(normal: &str) -> Option<Target> {
    let (attribute, _) = FIXED.iter().find(|(_, names)| names.contains(&normal))?;
    Some(match *attribute {
        "username" => Target::Username,
        "enabled" => Target::Enabled,
        "population" => Target::Population,
        "population.id" => Target::PopulationId,
        "population.name" => Target::PopulationName,
        "password" => Target::Password,
        "password.forceChange" => Target::ForceChange,
        _ => Target::Ignored,
    })
}

/// The path of every attribute that a column can set.
pub(crate) fn importable_paths(schema: &Schema) -> Vec<String> {
    let paths = schema.importable_paths().into_iter();
    paths.filter(|path| matches!(target(path, schema), Target::Attribute(_))).collect()
}

/// Names that are so much alike may be meant for each other.
const ALIKE: f64 = 0.7;

/// The column that says of our own files that cells are guarded which a spreadsheet would take for formulas.
pub(crate) const FORMULA_GUARD: &str = "formula_guard";

/// The column that says of our own workbooks, which need no guard, that blanks around a text are a part of it.
pub(crate) const EXACT_TEXT: &str = "exact_text";

/// The columns that a file of rejects has behind those of the file that it was made of: the code, the message, and
/// what was read where that did not fit the columns.
pub(super) const REASONS: [&str; 3] = ["error_code", "error_message", "error_input"];

/// The column in which a converted file says on which line of the original a row stands.
pub(super) const LINE_COLUMN: &str = "#line";

/// Columns that every environment has; they are no attributes of the schema, or not simply set.
const FIXED: &[(&str, &[&str])] = &[
    ("username", &["username", "userid", "login", "loginname", "user"]),
    ("enabled", &["enabled", "active", "isactive", "isenabled"]),
    ("population", &["population"]),
    ("population.id", &["populationid", "popid", "population.id"]),
    ("population.name", &["populationname", "population.name"]),
    ("password", &["password", "password.value"]),
    ("password.forceChange", &["forcechange", "password.forcechange", "forcepasswordchange"]),
    // The columns that our own files have beyond those of users.
    ("", &["errorcode", "errormessage", "errorinput", "formulaguard", "exacttext"]),
];

/// Attribute paths and what else they are called, both in normal form on the right.
const ALIASES: &[(&str, &[&str])] = &[
    ("email", &["emailaddress", "mail", "emails"]),
    ("name.given", &["firstname", "givenname", "given", "first", "forename"]),
    ("name.middle", &["middlename", "middle"]),
    ("name.family", &["lastname", "familyname", "family", "last", "surname", "sn"]),
    ("name.formatted", &["formattedname", "fullname", "displayname", "name"]),
    ("name.honorificPrefix", &["prefix", "honorificprefix", "nameprefix"]),
    ("name.honorificSuffix", &["suffix", "honorificsuffix", "namesuffix"]),
    ("nickname", &["nickname"]),
    ("title", &["jobtitle"]),
    ("type", &["usertype"]),
    ("locale", &[]),
    ("preferredLanguage", &["language"]),
    ("timezone", &["tz"]),
    ("externalId", &[]),
    ("accountId", &[]),
    ("primaryPhone", &["phone", "phonenumber", "telephone", "telephonenumber"]),
    ("mobilePhone", &["mobile", "cell", "cellphone", "mobilenumber"]),
    ("address.streetAddress", &["streetaddress", "street", "address"]),
    ("address.locality", &["locality", "city", "town"]),
    ("address.region", &["region", "state", "province"]),
    ("address.postalCode", &["postalcode", "postcode", "zip", "zipcode"]),
    ("address.countryCode", &["countrycode", "country"]),
    ("photo.href", &["photo", "photourl"]),
    ("emailVerified", &[]),
];

/// What exports have and nobody can set in a create.
const READ_ONLY: &[&str] = &[
    "account",
    "account.status",
    "accountid",
    "createdat",
    "environment",
    "environment.id",
    "environmentid",
    "id",
    "identityprovider",
    "identityprovider.type",
    "identityprovidername",
    "identityprovidertype",
    "lastsignon",
    "lifecycle.status",
    "lifecyclestatus",
    "memberofgroupids",
    "memberofgroupnames",
    "mfaenabled",
    "updatedat",
    "verifystatus",
];
