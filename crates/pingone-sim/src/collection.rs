//! Lists of populations and groups, which are short enough to be gone through for each page.

use std::fmt::Display;

use http::StatusCode;
use url::form_urlencoded::byte_serialize;

use crate::context::Context;
use crate::errors::ApiError;
use crate::filter::Subject;
use crate::json::Json;
use crate::reply::Reply;

/// A kind of list.
#[derive(Debug)]
pub(crate) struct Collection {
    /// Its name in URLs and bodies.
    pub(crate) name: &'static str,
    /// Most items of a page.
    pub(crate) most: usize,
    /// What a filter may ask about.
    pub(crate) attributes: &'static [&'static str],
}

impl Collection {
    /// One page of those items that the request's filter selects.
    pub(crate) fn page<T: Subject>(
        &self,
        context: &Context<'_>,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Json, &T),
    ) -> Result<Reply, ApiError> {
        let limit = context.limit(self.most)?;
        let start = context.parameter("cursor").map(|cursor| cursor.parse::<usize>()).transpose();
        let start = start.map_err(|_| ApiError::invalid_parameter("cursor"))?.unwrap_or(0);
        let filter = context.parameter("filter");
        let is_attribute = |path: &str| self.attributes.contains(&path);
        let expression =
            filter.as_ref().map(|text| context.filter(text, is_attribute, self.attributes)).transpose()?;
        let found: Vec<T> =
            items.filter(|item| expression.as_ref().is_none_or(|e| item.matches(e))).collect();
        let page = found.get(start..).unwrap_or_default();
        let page = page.get(..limit).unwrap_or(page);
        let next = start + page.len();
        let mut json = context.json();
        json.object(|json| {
            json.key("_links").object(|json| {
                json.link("self", context.url(format_args!("/{}{}", self.name, context.echoed_query())));
                if next < found.len() {
                    json.link("next", context.url(self.next(next, limit, filter.as_deref())));
                }
            });
            json.key("_embedded").object(|json| json.key(self.name).array(page, &mut write));
            json.key("count").bare(found.len());
            json.key("size").bare(page.len());
        });
        Ok(Reply::hal(StatusCode::OK, json.finish()))
    }

    fn next(&self, cursor: usize, limit: usize, filter: Option<&str>) -> impl Display {
        let filter = filter.map(|filter| byte_serialize(filter.as_bytes()).collect::<String>());
        let filter = filter.map(|filter| format!("&filter={filter}")).unwrap_or_default();
        format!("/{}?cursor={cursor}{filter}&limit={limit}", self.name)
    }
}
