//! Whom the system tells of frames, and of their end.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ironcliw_capture::{Arrival, Arrivals, Rect, Scale};
use objc2::rc::Retained;
use objc2::runtime::ProtocolObject;
use objc2::{AllocAnyThread, DefinedClass, define_class, msg_send};
use objc2_core_foundation::{CFDictionary, CFRetained, CGPoint, CGRect, CGSize};
use objc2_core_graphics::CGRectMakeWithDictionaryRepresentation;
use objc2_core_media::CMSampleBuffer;
use objc2_foundation::{
    NSArray, NSDictionary, NSError, NSNumber, NSObject, NSObjectProtocol, NSString,
};
use objc2_screen_capture_kit::{
    SCStream, SCStreamDelegate, SCStreamFrameInfoDirtyRects, SCStreamFrameInfoStatus,
    SCStreamOutput, SCStreamOutputType,
};

use crate::picture::Picture;
use crate::status::{self, Stop};

/// What the system's thread and ours share.
pub(crate) struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
}

pub(crate) struct State {
    pub arrivals: Arrivals,
    /// The last frame.
    pub picture: Option<Picture>,
    /// Why it ended, where it did.
    pub stop: Option<Stop>,
    pub interrupted: bool,
}

impl Shared {
    pub fn new(width: i32, height: i32) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                arrivals: Arrivals::new(width, height),
                picture: None,
                stop: None,
                interrupted: false,
            }),
            arrived: Condvar::new(),
        })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is news, somebody interrupts or the time is up.
    pub fn wait(&self, timeout: std::time::Duration) -> MutexGuard<'_, State> {
        let waiting = |state: &mut State| !state.arrivals.is_news() && !state.interrupted;
        let (mut state, _) = self
            .arrived
            .wait_timeout_while(self.state(), timeout, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        state.interrupted = false;
        state
    }

    pub fn interrupt(&self) {
        self.state().interrupted = true;
        self.arrived.notify_all();
    }

    fn add(&self, arrival: Arrival, picture: Option<Picture>, stop: Option<Stop>) {
        let mut state = self.state();
        if picture.is_some() {
            state.picture = picture;
        }
        state.stop = state.stop.or(stop);
        if state.arrivals.add(arrival) {
            self.arrived.notify_all();
        }
    }
}

pub(crate) struct Told {
    shared: Arc<Shared>,
    scale: Scale,
    frame: Rect,
}

define_class!(
    // SAFETY: NSObject has no demands on its subclasses, and this one has no `Drop`.
    #[unsafe(super(NSObject))]
    #[name = "IroncliwStreamOutput"]
    #[ivars = Told]
    pub(crate) struct Output;

    unsafe impl NSObjectProtocol for Output {}

    unsafe impl SCStreamOutput for Output {
        #[unsafe(method(stream:didOutputSampleBuffer:ofType:))]
        fn sample(&self, _stream: &SCStream, sample: &CMSampleBuffer, kind: SCStreamOutputType) {
            if kind == SCStreamOutputType::Screen {
                self.take(sample);
            }
        }
    }

    unsafe impl SCStreamDelegate for Output {
        #[unsafe(method(stream:didStopWithError:))]
        fn stopped(&self, _stream: &SCStream, error: &NSError) {
            let (stop, reason) = (status::stop(error.code()), error.localizedDescription());
            let shared = &self.ivars().shared;
            shared.add(Arrival::Ended(reason.to_string()), None, Some(stop));
        }
    }
);

impl Output {
    pub fn new(shared: Arc<Shared>, scale: Scale, frame: Rect) -> Retained<Self> {
        let this = Self::alloc().set_ivars(Told {
            shared,
            scale,
            frame,
        });
        // SAFETY: NSObject's own initialiser.
        unsafe { msg_send![super(this), init] }
    }

    pub fn as_output(&self) -> &ProtocolObject<dyn SCStreamOutput> {
        ProtocolObject::from_ref(self)
    }

    pub fn as_delegate(&self) -> &ProtocolObject<dyn SCStreamDelegate> {
        ProtocolObject::from_ref(self)
    }

    fn take(&self, sample: &CMSampleBuffer) {
        let Some(attachments) = attachments(sample) else {
            return;
        };
        // SAFETY: a constant of the system's.
        let status = attachments.objectForKey(unsafe { SCStreamFrameInfoStatus });
        let Some(status) = status.and_then(|status| status.downcast::<NSNumber>().ok()) else {
            return;
        };
        // SAFETY: the sample is valid while we are called.
        let picture = unsafe { sample.image_buffer() }.map(Picture::new);
        let told = self.ivars();
        let damage = damage(&attachments, told.scale, told.frame);
        if let Some(arrival) = status::arrival(status.as_isize(), damage, picture.is_some()) {
            told.shared.add(arrival, picture, None);
        }
    }
}

type Attachments = NSDictionary<NSString, NSObject>;

/// What the system says about a sample.
fn attachments(sample: &CMSampleBuffer) -> Option<Retained<Attachments>> {
    // SAFETY: the sample is valid while we are called.
    let all = unsafe { sample.sample_attachments_array(false) }?;
    let all: *const NSArray<Attachments> = CFRetained::as_ptr(&all).as_ptr().cast();
    // SAFETY: a CFArray of CFDictionary is an NSArray of NSDictionary; the keys of a stream's samples are strings.
    unsafe { &*all }.firstObject()
}

/// The rectangles that changed, in pixels; None where the system does not say.
fn damage(attachments: &Attachments, scale: Scale, frame: Rect) -> Option<Vec<Rect>> {
    // SAFETY: a constant of the system's.
    let listed = attachments.objectForKey(unsafe { SCStreamFrameInfoDirtyRects })?;
    let listed = listed.downcast::<NSArray>().ok()?;
    let mut rects = Vec::with_capacity(listed.len());
    for each in listed.iter() {
        let dictionary: *const CFDictionary = Retained::as_ptr(&each).cast();
        let mut rect = CGRect::new(CGPoint::new(0.0, 0.0), CGSize::new(0.0, 0.0));
        // SAFETY: what is listed are rectangles as dictionaries; one that is none is refused.
        let known =
            unsafe { CGRectMakeWithDictionaryRepresentation(dictionary.as_ref(), &mut rect) };
        if !known {
            return None;
        }
        let points = [
            rect.origin.x,
            rect.origin.y,
            rect.size.width,
            rect.size.height,
        ];
        // These are in pixels of the frame, so the scale is 1; they may lie partly beyond it all the same.
        rects.extend(scale.pixels(points, [0.0, 0.0], frame));
    }
    Some(rects)
}
