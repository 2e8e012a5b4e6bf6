//! The table of the operations in HTTP: method, path and the status of success. Routing and the record read it.

use hyper::{Method, StatusCode};

pub(crate) use crate::domain::operation::Operation;

macro_rules! table {
    ($($name:ident: $method:ident $path:literal, $status:ident;)*) => {
        fn row(operation: Operation) -> Row {
            match operation {
                $(Operation::$name => Row {
                    method: Method::$method,
                    path: $path,
                    success: StatusCode::$status,
                },)*
            }
        }
    };
}

struct Row {
    method: Method,
    path: &'static str,
    success: StatusCode,
}

table! {
    CreateVault: PUT "/{account}/vaults/{vault}", CREATED;
    DescribeVault: GET "/{account}/vaults/{vault}", OK;
    ListVaults: GET "/{account}/vaults", OK;
    DeleteVault: DELETE "/{account}/vaults/{vault}", NO_CONTENT;
    UploadArchive: POST "/{account}/vaults/{vault}/archives", CREATED;
    DeleteArchive: DELETE "/{account}/vaults/{vault}/archives/{archive}", NO_CONTENT;
    InitiateMultipartUpload: POST "/{account}/vaults/{vault}/multipart-uploads", CREATED;
    UploadMultipartPart: PUT "/{account}/vaults/{vault}/multipart-uploads/{upload}", NO_CONTENT;
    CompleteMultipartUpload: POST "/{account}/vaults/{vault}/multipart-uploads/{upload}", CREATED;
    AbortMultipartUpload: DELETE "/{account}/vaults/{vault}/multipart-uploads/{upload}", NO_CONTENT;
    ListMultipartUploads: GET "/{account}/vaults/{vault}/multipart-uploads", OK;
    ListParts: GET "/{account}/vaults/{vault}/multipart-uploads/{upload}", OK;
    InitiateJob: POST "/{account}/vaults/{vault}/jobs", ACCEPTED;
    DescribeJob: GET "/{account}/vaults/{vault}/jobs/{job}", OK;
    ListJobs: GET "/{account}/vaults/{vault}/jobs", OK;
    GetJobOutput: GET "/{account}/vaults/{vault}/jobs/{job}/output", OK;
    AddTagsToVault: POST "/{account}/vaults/{vault}/tags?operation=add", NO_CONTENT;
    RemoveTagsFromVault: POST "/{account}/vaults/{vault}/tags?operation=remove", NO_CONTENT;
    ListTagsForVault: GET "/{account}/vaults/{vault}/tags", OK;
    SetVaultNotifications: PUT "/{account}/vaults/{vault}/notification-configuration", NO_CONTENT;
    GetVaultNotifications: GET "/{account}/vaults/{vault}/notification-configuration", OK;
    DeleteVaultNotifications: DELETE "/{account}/vaults/{vault}/notification-configuration", NO_CONTENT;
    SetVaultAccessPolicy: PUT "/{account}/vaults/{vault}/access-policy", NO_CONTENT;
    GetVaultAccessPolicy: GET "/{account}/vaults/{vault}/access-policy", OK;
    DeleteVaultAccessPolicy: DELETE "/{account}/vaults/{vault}/access-policy", NO_CONTENT;
    InitiateVaultLock: POST "/{account}/vaults/{vault}/lock-policy", CREATED;
    GetVaultLock: GET "/{account}/vaults/{vault}/lock-policy", OK;
    AbortVaultLock: DELETE "/{account}/vaults/{vault}/lock-policy", NO_CONTENT;
    CompleteVaultLock: POST "/{account}/vaults/{vault}/lock-policy/{lock}", NO_CONTENT;
    GetDataRetrievalPolicy: GET "/{account}/policies/data-retrieval", OK;
    SetDataRetrievalPolicy: PUT "/{account}/policies/data-retrieval", NO_CONTENT;
    PurchaseProvisionedCapacity: POST "/{account}/provisioned-capacity", CREATED;
    ListProvisionedCapacity: GET "/{account}/provisioned-capacity", OK;
}

impl Operation {
    /// The HTTP method, for example `GET`.
    pub fn method(self) -> &'static str {
        match row(self).method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            Method::POST => "POST",
            _ => "DELETE",
        }
    }

    /// The path, with its variable segments in braces: `/{account}/vaults/{vault}`. Two operations also have a query
    /// here, which distinguishes them.
    pub fn path(self) -> &'static str {
        row(self).path
    }

    /// The status of a successful response. GetJobOutput responds with 206 to a request for a range.
    pub fn success_status(self) -> u16 {
        self.success().as_u16()
    }

    pub(crate) fn success(self) -> StatusCode {
        row(self).success
    }

    pub(crate) fn http_method(self) -> Method {
        row(self).method
    }

    /// The path without the query.
    pub(crate) fn route(self) -> &'static str {
        self.path().split('?').next().unwrap_or_default()
    }

    /// Whether a request for this route is this operation: its query must have what the table has in the query.
    pub(crate) fn has_query(self, query: Option<&str>) -> bool {
        let Some((_, wanted)) = self.path().split_once('?') else { return true };
        form_urlencoded::parse(wanted.as_bytes())
            .all(|wanted| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|given| given == wanted))
    }
}
